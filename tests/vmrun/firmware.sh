# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Firmware of 64 KiB for guests of the emulated SEV processor; to be read after tap.sh.

# make_firmware NAME SOURCE BITS EMULATION SYMBOL...: $scratch/NAME, made of tests/vmrun/emulate/SOURCE.
make_firmware() {
	local name=$1 source=$2 bits=$3 emulation=$4 symbol words=()
	shift 4
	for symbol; do words+=("-Wa,--defsym,$symbol"); done
	gcc "-m$bits" -c "${words[@]}" -o "${scratch:?}/$name.o" "${BASH_SOURCE[0]%/*}/emulate/$source" &&
		ld -m "$emulation" -Ttext 0 -o "$scratch/$name.elf" "$scratch/$name.o" 2>/dev/null &&
		objcopy -O binary -j .text "$scratch/$name.elf" "$scratch/$name"
}

# make_guest NAME SYMBOL...: of guest.S, which says what the symbols mean.
make_guest() {
	local name=$1
	shift
	make_firmware "$name" guest.S 32 elf_i386 "$@"
}
