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
check "... names its kernels and commands" exits 0 "$top/run"
check "... which README has too" bash -c "grep -q '^ *./run quick' '$top/README' && grep -q '^ *./run compare' '$top/README'"
check "... and passes statuses on" exits 2 "$top/run" chase --size 0
check "... and knows what is no kernel" exits 2 "$top/run" nosuch
check "... of which it says so" says "there is no kernel or command 'nosuch'"
mkdir "$scratch/a path, with blanks"
ln -s "$top" "$scratch/a path, with blanks/there"
check "... in a path with blanks" exits 0 "$scratch/a path, with blanks/there/run" chase --version
check "... any command of sevbench too" exits 0 "$scratch/a path, with blanks/there/run" sevbench --version
inside() {
	(cd "$top" && "$@")
}
check "... by a shell that is told its name alone" exits 0 inside sh run chase --version

# A suite's cells, in a folder and with an environment that have nothing else.
mkdir "$scratch/empty"
bare() {
	(cd "$scratch/empty" && env -i PATH= /bin/sh "$top/run" "$@")
}
cells() {
	cut -d, -f 6-13 "$1/samples.csv" | sort -u
}
check "a suite is measured where there is nothing else" exits 0 bare quick --kernels cpuid,chase --rounds 1 --cooldown 0
check "... after a word on how long it takes" says 'suite quick: 8 cells x 1 rounds, 8 on all platforms: about 1 min'
mv "$scratch"/empty/results/*-quick "$scratch/here"
check "... which leaves no folder for the pictures that nobody can draw here" test ! -e "$scratch/here/plots"
check "a host's run of that suite" exits 0 "$bin/sevbench" run --platforms native --kernels cpuid,chase --rounds 1 --cooldown 0 \
	--out "$scratch/host"
check "... has the very same cells" cmp <(cells "$scratch/here") <(cells "$scratch/host")
check "... and compares with it there" exits 0 bare compare --reference native "$scratch/host" "$scratch/here"

# interrupted_and_resumed: as the message says.
interrupted_and_resumed() {
	local child words i
	(cd "$scratch/empty" && exec env -i PATH= /bin/sh "$top/run" quick --kernels cpuid,hypercall --cooldown 0 \
		--out "$scratch/long") >"$scratch/out" 2>&1 &
	child=$!
	for ((i = 0; i < 600; i++)); do
		[ "$({ wc -l <"$scratch/long/.journal"; } 2>/dev/null || echo 0)" -lt 3 ] || break
		sleep 0.05
	done
	pkill -TERM -P "$child"
	wait "$child"
	read -ra words < <(grep -o 'sevbench run --resume [^`]*' "$scratch/out")
	bare "${words[@]}"
}
check "what was interrupted goes on" interrupted_and_resumed
check "... to its end" test -f "$scratch/long/samples.csv"

# Statuses and sentence of a filesystem from which nothing may be executed: as Linux refuses it.
cp -r "$top" "$scratch/forbidden"
chmod -x "$scratch/forbidden/lib/ld-linux-x86-64.so.2"
for words in "chase --version" "quick" "compare $scratch/here"; do
	# shellcheck disable=SC2086
	check "${words%% *} where nothing can be executed" exits 126 sh "$scratch/forbidden/run" $words
	check "... says what to do" says "unpack it where that is not forbidden"
done
for program in bench-chase sevbench; do
	check "the libraries of $program are its own" bash -c \
		"! '$top/lib/ld-linux-x86-64.so.2' --library-path '$top/lib' --list '$top/bin/$program' | grep -v linux-vdso | grep -v '$top'"
done

if kdir=$(ls -d "$bin"/../guest/lib/modules/*/build 2>/dev/null); then
	check "the module builds from its source" exits 0 "$top/kernels/build-module.sh" "$kdir" "$scratch/module"
else
	skip "the module builds from its source" "no headers of a guest kernel: run make setup"
fi

# Two machines that have nothing but a static shell, and what is brought back from both.
if busybox=$(command -v busybox) && ! ldd "$busybox" >/dev/null 2>&1; then
	script="busybox() { /bin/busybox \"\$@\"; }
		cd /tmp && busybox gunzip </bundle | busybox tar -x &&
		busybox sh ${top##*/}/run quick --kernels cpuid --rounds 2 --cooldown 0 >&2 && busybox tar -c results"
	# measured NAME [OPTION...]: in a guest; its results become $scratch/NAME
	measured() {
		local name=$1
		shift
		"$bin/vmrun" exec "$@" --memory 1G --file "$bundle=/bundle" -- "$busybox" sh -c "$script" \
			>"$scratch/$name.tar" 2>"$scratch/out" || { cat "$scratch/out"; return 1; }
		mkdir "$scratch/$name.d"
		tar -C "$scratch/$name.d" -xf "$scratch/$name.tar" && mv "$scratch/$name.d"/results/* "$scratch/$name"
	}
	check "a guest with nothing but a static shell is measured" measured plain
	check "... as what it is" says 'this machine shows itself as nosev'
	check "... in its rows" grep -q ',nosev,[a-z]*,cpuid,0x0,' "$scratch/plain/samples.csv"
	if "$bin/vmrun" argv --emulate-sev --platform snp >"$scratch/out" 2>&1; then
		check "so is one of emulated SEV-SNP" measured secret --emulate-sev --platform snp
		check "... as what it is" says 'this machine shows itself as snp'
		check "... in its rows, by emulation" grep -q ',snp,tcg,cpuid,0x0,.*,emulation,' "$scratch/secret/samples.csv"
		check "... and never as native" bash -c "! grep -q ',native,' '$scratch/secret/samples.csv'"
		check "both are compared by the bundle" exits 0 bare compare "$scratch/plain" "$scratch/secret"
		check "... the one against the other" says 'Each platform against nosev.'
		check "... cell by cell" bash -c "grep -q '^0xb  *snp[*]  *[0-9.]* \[.*none' '$scratch/out'"
	else
		skip "one of emulated SEV-SNP" "$(head -n 1 "$scratch/out")"
	fi
else
	skip "a guest with nothing but a static shell" "no static busybox here: run make setup-tests"
fi

done_testing
