#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# make install and make uninstall: what is installed works where the tree it came from cannot be seen,
# and all of it goes away again.
# shellcheck source=tests/tap.sh
. "${0%/*}/../tap.sh"

bin=${SEVBENCH_BIN:-$PWD/build/bin}
prefix=$scratch/usr
here=$PWD
programs=("$bin"/*)

put() {
	SETUP=no "$here/bench/install.sh" install "${bin%/bin}" "$prefix"
}

# Everything that PREFIX holds, and what each is.
contents() {
	(cd "$1" && find . -printf '%P %y %m %s %l\n' | sort)
}

check "it installs" exits 0 put
check "... every program, and no PID 1 of guests among them" \
	test "$(find "$prefix/bin" -type l | wc -l)" -eq $((${#programs[@]} - 1))
check "... whose links hold where the folder is moved" test "$(readlink "$prefix/bin/vmrun")" = ../lib/sevbench/bin/vmrun
contents "$prefix" >"$scratch/first"
check "again replaces what it has installed" exits 0 put
contents "$prefix" >"$scratch/second"
check "... with the same" cmp "$scratch/first" "$scratch/second"
check "with manual pages" test -s "$prefix/share/man/man1/vmrun-exec.1"
check "... and completion" test -s "$prefix/share/bash-completion/completions/bench-memcpy"
check "for all to read" test -z "$(find "$prefix" ! -type l ! -perm -o+r)"

# Somewhere else, so that nothing can be found by where it was put or built.
mkdir "$scratch/moved"
cp -a "$prefix" "$scratch/moved/local"
installed() {
	local program=$1
	shift
	(cd / && PATH="$scratch/moved/local/bin:$PATH" "$program" "$@")
}
check "it runs a suite" exits 0 installed sevbench run --platforms native --kernels cpuid --rounds 1 --cooldown 0 \
	--out "$scratch/run"
check "... and reports" test -s "$scratch/run/report.html"
check "it reports again" exits 0 installed sevbench report "$scratch/run"
check "it compares" exits 0 installed sevbench compare "$scratch/run"
check "a kernel measures" exits 0 installed bench-cpuid --variant 0x0 --samples 2
check "the doctor's verdict" test "$(installed vmrun doctor >"$scratch/out" 2>&1; echo $?)" -lt 78
check "... is one" says nosev
check "a bundle is made of it" exits 0 installed sevbench bundle -o "$scratch/bundle.tar.gz"
listing() {
	tar tzf "$scratch/bundle.tar.gz"
}
check "... with programs and the module's source" test "$(listing | grep -cE 'bin/bench-cpuid|kernels/module/Kbuild')" -eq 2

if command -v qemu-system-x86_64 >/dev/null; then
	check "without a guest kernel vmrun says so" exits 77 installed vmrun argv
	check "... and how to name one" says "--guest-kernel"
else
	skip "vmrun argv" "there is no QEMU here"
fi

# A guest boots of what is installed alone.
kernel=$(find "$here/build/guest/boot" -name 'vmlinuz-*' 2>/dev/null | sort | tail -1)
if [ -n "$kernel" ] && command -v qemu-system-x86_64 >/dev/null; then
	mkdir -p "$scratch/moved/local/lib/sevbench/guest/boot"
	boot=$scratch/moved/local/lib/sevbench/guest/boot
	cp "$kernel" "$boot/vmlinuz-6.12.1"
	check "vmrun finds the guest kernel beside itself" exits 0 installed vmrun argv --accel tcg
	check "... that one" says "$boot/vmlinuz-6.12.1"
	ln "$boot/vmlinuz-6.12.1" "$boot/vmlinuz-6.9.1"
	check "of several the newest" exits 0 installed vmrun argv --accel tcg
	check "... by version" says "$boot/vmlinuz-6.12.1"
else
	skip "vmrun argv" "no guest kernel is unpacked, or there is no QEMU"
fi

check "what a user adds" touch "$prefix/bin/mine"
check "it is uninstalled" exits 0 "$here/bench/install.sh" uninstall "$prefix"
check "... all but that" test "$(find "$prefix" ! -type d)" = "$prefix/bin/mine"
rm -r "$prefix"
mkdir -p "$prefix/lib"
check "into what is there" exits 0 put
check "... and out" exits 0 "$here/bench/install.sh" uninstall "$prefix"
check "... nothing else is left" test "$(find "$prefix")" = "$prefix"$'\n'"$prefix/lib"
check "there is nothing to uninstall" exits 1 "$here/bench/install.sh" uninstall "$prefix"
check "... is said" says "nothing is installed under $prefix"

mkdir "$prefix/bin"
echo theirs >"$prefix/bin/vmrun"
check "another's program is not replaced" exits 1 put
check "... but named" says "$prefix/bin/vmrun exists, and no earlier install has made it"
check "... and stays" test "$(cat "$prefix/bin/vmrun")" = theirs
check "... and nothing else does" test "$(find "$prefix" ! -type d)" = "$prefix/bin/vmrun"

check "DESTDIR" env DESTDIR="$scratch/stage" SETUP=no "$here/bench/install.sh" install "${bin%/bin}" /usr
check "... goes before everything" test -x "$scratch/stage/usr/lib/sevbench/bin/guest-init"
check "... and is named by nothing" test -z "$(grep -r "$scratch" "$scratch/stage/usr/lib/sevbench/installed")"

done_testing
