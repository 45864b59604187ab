#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# `sevbench bundle`: the archive measures a guest that has nothing but a static shell.
# shellcheck source=tests/tap.sh
. "${0%/*}/../tap.sh"

bin=${SEVBENCH_BIN:-$PWD/build/bin}
bundle=$scratch/bundle.tar.gz

check "a bundle is written" exits 0 "$bin/sevbench" bundle -o "$bundle"
check "... and the same again" exits 0 "$bin/sevbench" bundle -o "$scratch/again.tar.gz"
check "... byte for byte" cmp "$bundle" "$scratch/again.tar.gz"
check "... and never over another" exits 1 "$bin/sevbench" bundle -o "$bundle"

tar -C "$scratch" -xzf "$bundle"
top=$(find "$scratch" -maxdepth 1 -name 'sevbench-*' -type d)
check "it runs from anywhere" exits 0 "$top/run" chase --variant random --size 16K --samples 2 --batch-us 100
check "... names its kernels" exits 0 "$top/run"
check "... and passes statuses on" exits 2 "$top/run" chase --size 0
check "... and knows what is no kernel" exits 2 "$top/run" nosuch
check "... of which it says so" says "there is no kernel 'nosuch'"
mkdir "$scratch/a path, with blanks"
ln -s "$top" "$scratch/a path, with blanks/there"
check "... in a path with blanks" exits 0 "$scratch/a path, with blanks/there/run" chase --version
inside() {
	(cd "$top" && "$@")
}
check "... by a shell that is told its name alone" exits 0 inside sh run chase --version

# Statuses and sentence of a filesystem from which nothing may be executed: as Linux refuses it.
cp -r "$top" "$scratch/forbidden"
chmod -x "$scratch/forbidden/lib/ld-linux-x86-64.so.2"
check "where nothing can be executed" exits 126 sh "$scratch/forbidden/run" chase --version
check "... it says what to do" says "unpack it where that is not forbidden"
check "its libraries are its own" bash -c \
	"! '$top/lib/ld-linux-x86-64.so.2' --library-path '$top/lib' --list '$top/bin/bench-chase' | grep -v linux-vdso | grep -v '$top'"

if kdir=$(ls -d "$bin"/../guest/lib/modules/*/build 2>/dev/null); then
	check "the module builds from its source" exits 0 "$top/kernels/build-module.sh" "$kdir" "$scratch/module"
else
	skip "the module builds from its source" "no headers of a guest kernel: run make setup"
fi

# Behind a static program's end the loader sees nothing: the archive rides into the guest on busybox.
if busybox=$(command -v busybox) && ! ldd "$busybox" >/dev/null 2>&1; then
	cat "$busybox" "$bundle" >"$scratch/carrier"
	script="tail -c $(stat -c %s "$bundle") /bin/carrier | busybox gunzip | busybox tar -x -C /tmp &&
		busybox sh /tmp/${top##*/}/run cpuid --samples 3 --batch-us 100 --variant 0x0"
	# measure [OPTION...]: in a guest
	measure() {
		"$bin/vmrun" exec "$@" --program "$scratch/carrier" -- "$busybox" sh -c \
			"busybox() { /bin/busybox \"\$@\"; }; busybox $script"
	}
	check "a guest with nothing but a static shell is measured" exits 0 measure
	check "... as what it is" says ',nosev,'
	check "... in that guest" says ',cpuid,0x0,'
	if "$bin/vmrun" argv --emulate-sev --platform snp >"$scratch/out" 2>&1; then
		check "so is one of emulated SEV-SNP" exits 0 measure --emulate-sev --platform snp
		check "... as what it is" says ',snp,tcg,cpuid,0x0,'
		check "... by emulation" says ',emulation,'
	else
		skip "one of emulated SEV-SNP" "$(head -n 1 "$scratch/out")"
	fi
else
	skip "a guest with nothing but a static shell" "no static busybox here: run make setup-tests"
fi

done_testing
