#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The emulator calls its slowest way to copy the fast one, and the C library believes it.
#
# seen      November 2026, qemu-user 7.2 with libc6 2.36 and linux-perf 6.1 (Debian 12); 10.0 too
# surprise  ERMS in CPUID tells programs that REP MOVSB is the fast way to copy. The model "max" shows
#           it, while the translator moves one byte at a time: REP MOVSQ does eight in that time. glibc
#           takes the flag at its word: copies of 64 KiB are several times faster when it is told to
#           ignore it, and faster on the poorest model, qemu64, than on "max".
# sevbench  tells an emulated guest's Linux to ignore the flag (clearcpuid=erms,fsrm), and marks all that
#           is emulated as no cost of hardware: vmrun/image/initramfs.h
#
# What is stated are factors of 3, 2 and 1.5: well below the 7, 4.5 and 2.5 that were seen, since others
# may use the machine.
# shellcheck source=findings/lib.sh
. "$(dirname "$0")/lib.sh"

tree=$work/tree
fetch "$tree" bookworm "qemu-user=1:7.2+dfsg-7+deb12u18+b3" linux-perf=6.1.176-1

lib=$tree/lib/x86_64-linux-gnu
# copy MODEL TUNABLES FUNCTION: bytes a second, by perf's own clock
copy() {
	GLIBC_TUNABLES=$2 run_in "$tree" qemu-x86_64 -cpu "$1" "$lib/ld-linux-x86-64.so.2" --library-path \
		"$lib:$tree/usr/lib/x86_64-linux-gnu" "$tree/usr/bin/perf" \
		bench -f simple mem memcpy -s 64KB -l 1000 -f "$3" 2>/dev/null | tail -n 1
}

# best of three, so that a busy moment does not decide
best() {
	for _ in 1 2 3; do copy "$@"; done | sort -g | tail -n 1
}

# compare WHAT TIMES SLOWER FASTER
compare() {
	saw "$1: $(awk -v a="$3" -v b="$4" 'BEGIN { printf "%.2f and %.2f GB/s", a / 1e9, b / 1e9 }')"
	expect "$1: at least $2 times" yes \
		"$(awk -v n="$2" -v a="$3" -v b="$4" 'BEGIN { print (a > 0 && b >= n * a ? "yes" : "no") }')"
}

movsb=$(best max "" x86-64-movsb) movsq=$(best max "" x86-64-movsq)
compare "REP MOVSB and REP MOVSQ" 3 "$movsb" "$movsq"
told=$(best max "" default) untold=$(best max glibc.cpu.hwcaps=-ERMS default)
compare "glibc's memcpy with ERMS and without" 2 "$told" "$untold"
poor=$(best qemu64 "" default)
compare "glibc's memcpy on max and on qemu64" 1.5 "$told" "$poor"
verdict
