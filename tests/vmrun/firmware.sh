# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# For test scripts, after tests/tap.sh: guests that are a firmware of a few instructions.

# make_guest NAME SYMBOL...: $scratch/NAME, made of tests/vmrun/emulate/guest.S, which says what the symbols mean.
make_guest() {
	local name=$1 symbol words=()
	shift
	for symbol; do words+=("-Wa,--defsym,$symbol"); done
	gcc -m32 -c "${words[@]}" -o "${scratch:?}/$name.o" "${BASH_SOURCE[0]%/*}/emulate/guest.S" &&
		ld -m elf_i386 -Ttext 0 -o "$scratch/$name.elf" "$scratch/$name.o" 2>/dev/null &&
		objcopy -O binary -j .text "$scratch/$name.elf" "$scratch/$name"
}
