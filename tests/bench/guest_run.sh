#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# `sevbench run` with real guests: the main job, and faults after which nothing that was measured is
# lost and nothing is left behind.
# shellcheck source=tests/tap.sh
. "${0%/*}/../tap.sh"
# shellcheck source=tests/guests.sh
. "${0%/*}/../guests.sh"

bin=${SEVBENCH_BIN:-$PWD/build/bin}
here=${0%/*}/..

cat >"$scratch/tiny.suite" <<'EOF'
rounds 1
default --samples 3 --batch-us 500 --warmup-us 100
kernel memcpy --size 16K --variant libc,avx2
kernel cpuid --variant 0x0
kernel mmio --variant read
EOF

# Columns by name, as a reader would find them: rows FILE KERNEL PLATFORM STATUS
rows() {
	awk -F, -v kernel="$2" -v platform="$3" -v status="$4" '
		NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
		$at["kernel"] == kernel && $at["platform"] == platform && $0 ~ "," status "," { n++ }
		END { print n + 0 }' "$1"
}

has_rows() {
	local n
	n=$(rows "$@")
	[ "$n" -gt 0 ] || { echo "no rows: $*"; head -n 20 "$1"; return 1; }
}

state_is() { grep -q "\"state\": \"$2\"" "$1/manifest.json" || { cat "$1/manifest.json"; return 1; }; }

# run_tiny DIRECTORY [OPTION]...
run_tiny() {
	local out=$1
	shift
	"${sevbench:-$bin/sevbench}" run --suite "$scratch/tiny.suite" --seed 1 --cooldown 0 --out "$out" "$@"
}

# --- the main job ---------------------------------------------------------------------------------

check "a run ends well" exits 0 run_tiny "$scratch/good" --platforms native,nosev,snp
check "... with a table" says "memcpy: "
check "... that names the results" says "Results: $scratch/good"
check "... and the directory is complete" "$here/check-run" "$scratch/good" native nosev
check "... and mmio ran in the guest" has_rows "$scratch/good/samples.csv" mmio nosev ok
check "... and is skipped natively" has_rows "$scratch/good/samples.csv" mmio native skipped
check "... and its state is complete" state_is "$scratch/good" complete
check "... and nothing is left behind" nothing_left
check "results are never overwritten" exits 2 run_tiny "$scratch/good" --platforms native
if grep -q '"accel": "tcg"' "$scratch/good/manifest.json"; then
	check "emulated columns say so" exits 0 grep -q emulated <(run_tiny "$scratch/again" --platforms nosev 2>&1)
fi

# --- a program that crashes, one that hangs, one that talks nonsense --------------------------------

broken=$scratch/broken/bin
mkdir -p "$broken" && cp "$bin"/{sevbench,guest-init,bench-memcpy} "$broken"
ln -s "$(readlink -f "$bin/../guest")" "$scratch/broken/guest"
cat >"$scratch/program.c" <<'EOF'
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "--environment"))
		return puts("{}") == EOF;
	if (strstr(argv[0], "cpuid"))
		raise(SIGSEGV);
	if (strstr(argv[0], "mmio"))
		pause();
	puts("what a fine day");
	return 0;
}
EOF
gcc -static -O1 -o "$broken/bench-cpuid" "$scratch/program.c"
cp "$broken/bench-cpuid" "$broken/bench-mmio"
cp "$broken/bench-cpuid" "$broken/bench-ioport"
echo 'kernel ioport --variant in_pit' >>"$scratch/tiny.suite"
sevbench=$broken/sevbench
check "a hanging cell ends the run with 124" exits 124 run_tiny "$scratch/broken/run" --cell-deadline 3
sevbench=
samples=$scratch/broken/run/samples.csv
for platform in native nosev; do
	check "$platform: the crash is a row" has_rows "$samples" cpuid $platform failed
	check "$platform: the hang is a row" has_rows "$samples" mmio $platform failed
	check "$platform: the nonsense is a row" has_rows "$samples" ioport $platform failed
	check "$platform: the others are measured" has_rows "$samples" memcpy $platform ok
done
check "the crash names its signal" grep -q 'killed by signal 11' "$samples"
check "the hang names its deadline" grep -q 'not ended after 3 seconds' "$samples"
check "the nonsense is quoted" grep -q 'what a fine day' "$samples"
check "nothing is left behind" nothing_left
sed -i '/ioport/d' "$scratch/tiny.suite"

# --- programs that lie --------------------------------------------------------------------------------

# A row of another platform, round and run; one with a quote that is never closed; and rows that never
# end, in a guest of their own.
lies=$scratch/lies
mkdir -p "$lies/bin" && cp "$bin"/{sevbench,guest-init,bench-memcpy} "$lies/bin"
ln -s "$(readlink -f "$bin/../guest")" "$lies/guest"
cat >"$lies/liar.c" <<'EOF'
#include <stdio.h>
#include <string.h>
asm(".pushsection .rodata\n.global lie\nlie: .incbin \"" LIE "\"\n.byte 0\n.popsection");
extern const char lie[];
int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "--environment")) {
		fputs("{\"cpu\": {\"flags\": ", stdout);
		for (int i = 0; i < 4092; i++)
			putchar(i < 2046 ? '[' : ']');
		return puts("}}") == EOF;
	}
	do
		fputs(lie, stdout);
	while (strstr(argv[0], "ioport"));
	return 0;
}
EOF
"$bin/bench-cpuid" --variant 0x0 --samples 3 --batch-us 500 --warmup-us 100 --platform native \
	--run other --round 7 --quiet --end-mark >"$lies/true.csv"

# liar KERNEL SCRIPT: bench-KERNEL prints what sed makes of true rows of cpuid.
liar() {
	sed "$2" "$lies/true.csv" >"$lies/$1.csv"
	gcc -static -O1 -DLIE="\"$lies/$1.csv\"" -o "$lies/bin/bench-$1" "$lies/liar.c"
}

liar cpuid 's/,native,none,/,snp,kvm,/'
liar mmio 's/,other,7,native,none,cpuid,0x0,/,run,1,nosev,tcg,mmio,"read,/'
liar ioport ''
sevbench=$lies/bin/sevbench
check "lies fail the run" exits 1 run_tiny "$lies/run" --platforms native,nosev
sevbench=
samples=$lies/run/samples.csv
for platform in native nosev; do
	check "$platform: the row of another cell is a failure" has_rows "$samples" cpuid $platform failed
	check "$platform: the open quote is a failure" has_rows "$samples" mmio $platform failed
	check "$platform: the others are measured" has_rows "$samples" memcpy $platform ok
done
check "no row says snp" test "$(grep -c '^[^"]*,snp,kvm,' "$samples")" -eq 0
check "the reason names the lie" grep -q 'is of another cell: its run is ""other""' "$samples"
check "the file can be read" exits 0 "$bin/sevbench" export --wide "$lies/run"
cat >"$scratch/flood.suite" <<'EOF'
rounds 1
default --samples 3 --batch-us 500 --warmup-us 100
kernel ioport --variant in_pit
EOF
check "a guest that floods is ended" exits 1 "$lies/bin/sevbench" run --suite "$scratch/flood.suite" \
	--seed 1 --cooldown 0 --out "$lies/flood" --platforms nosev
check "... which says how much it may send" says "more than the 36864 bytes of OUTPUT that it may"
check "... and that its description is none" says "flags: a text is expected"
check "... and the manifest can be read" exits 0 "$bin/sevbench" report --out "$scratch/flood.html" "$lies/flood"
check "... and nothing is left behind" nothing_left

# --- one platform on two kinds of host pages ----------------------------------------------------------

# memory_is LAUNCH BACKING: that launch was on these pages, by what Linux said of QEMU.
memory_is() {
	grep -A400 "\"platform\": \"$1\"" "$scratch/pages/manifest.json" | grep -m1 -q "\"backing\": \"$2\""
}

# Three samples and as many of the baseline on each kind of pages.
pages_are_told() {
	awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
		{ n[$at["platform"] " " $at["host_pages"]]++ }
		END { exit !(n["nosev 4k"] == 6 && n["nosev thp"] == 6) }' "$1"
}

if grep -qsE '\[(always|madvise)\]' /sys/kernel/mm/transparent_hugepage/enabled; then
	cat >"$scratch/pages.suite" <<'EOF'
rounds 1
default --samples 3 --batch-us 500 --warmup-us 100
kernel memcpy --size 16K --variant libc
EOF
	# Killed between the two guests, and gone on with: each is launched once.
	"$bin/sevbench" run --suite "$scratch/pages.suite" --seed 1 --out "$scratch/pages" \
		--platforms nosev,nosev@thp >"$scratch/pages.out" 2>&1 &
	child=$!
	for ((i = 0; i < 900; i++)); do
		! grep -qs '"ended"' "$scratch/pages/manifest.json" || break
		sleep 0.1
	done
	kill -KILL $child
	wait $child 2>/dev/null
	check "between two kinds of host pages a run can be cut" test -e "$scratch/pages/samples.csv.partial"
	"$bin/sevbench" run --resume "$scratch/pages" >>"$scratch/pages.out" 2>&1
	status=$?
	# A host may be short of huge pages: then the launch says so, and the run fails.
	if grep -q 'on transparent huge pages; the host had too few' "$scratch/pages.out"; then
		check "pages that were not had fail the run" test $status -eq 1
	else
		check "a guest runs on both kinds of host pages" test $status -eq 0
	fi
	check "... each is launched once" test "$(grep -c '"ended"' "$scratch/pages/manifest.json")" -eq 3
	check "... each row says on which" pages_are_told "$scratch/pages/samples.csv"
	check "... the table has a column of each" grep -q -- '- nosev@thp -' "$scratch/pages.out"
	check "... and says which difference that is" grep -q 'Page size: nosev@thp against nosev' "$scratch/pages.out"
	check "... the plain one was on 4k" memory_is nosev 4k
	check "... the other on huge pages" memory_is nosev@thp thp
else
	skip "two kinds of host pages" "this host has no transparent huge pages"
fi

# --- QEMU killed, Ctrl-C, a full disk -----------------------------------------------------------------

# when_measured DIRECTORY COMMAND...: run COMMAND as soon as a guest has delivered a row.
when_measured() {
	local out=$1 i
	shift
	for ((i = 0; i < 600; i++)); do
		! grep -qs ',nosev,' "$out"/samples.csv.partial || break
		sleep 0.1
	done
	"$@"
}

# Cells that take long enough to be interrupted, and enough rows to fill a small disk.
cat >>"$scratch/tiny.suite" <<'EOF'
default --samples 3000
kernel memcpy --size 32K --variant libc,avx2
kernel cpuid --variant 0x1
EOF

run_tiny "$scratch/killed" --platforms native,nosev >"$scratch/killed.out" 2>&1 &
child=$!
when_measured "$scratch/killed" pkill -9 -f "[q]emu-system.*$TMPDIR"
wait $child
status=$?
check "a killed QEMU fails the run" test $status -eq 1
check "... what had arrived is kept" grep -q ',nosev,.*,ok,' "$scratch/killed/samples.csv"
check "... what was lost has rows" grep -q 'the guest ended before' "$scratch/killed/samples.csv"
check "... the other platform is measured" has_rows "$scratch/killed/samples.csv" memcpy native ok
check "... and nothing is left behind" nothing_left

setsid "$bin/sevbench" run --suite "$scratch/tiny.suite" --seed 1 --cooldown 0 --out "$scratch/interrupted" \
	--platforms nosev >"$scratch/interrupted.out" 2>&1 &
child=$!
when_measured "$scratch/interrupted" kill -INT $child
wait $child
status=$?
check "Ctrl-C ends the run with 130" test $status -eq 130
check "... nothing is called a failure" exits 1 grep -E 'failed|could not describe|ended before' \
	"$scratch/interrupted.out" "$scratch/interrupted/samples.csv.partial"
check "... and how to go on is said" grep -qF "sevbench run --resume $scratch/interrupted" "$scratch/interrupted.out"
check "... what had arrived is kept" grep -q ',nosev,.*,ok,' "$scratch/interrupted/samples.csv.partial"
check "... as whole rows" awk -F, 'NR == 1 { n = NF } NF < n { exit 1 }' "$scratch/interrupted/samples.csv.partial"
check "... the manifest says so" state_is "$scratch/interrupted" interrupted
check "... and so does the output" grep -q 'samples.csv.partial' "$scratch/interrupted.out"
check "... and nothing is left behind" nothing_left

# Killed while its guest runs: nobody looked at the pages of its memory, so nothing of it may be kept. The
# seed puts the long cell last.
cat >"$scratch/cut.suite" <<'EOF'
rounds 1
default --samples 3 --batch-us 500 --warmup-us 100
kernel memcpy --size 16K --variant libc,avx2
default --samples 1000
kernel memcpy --size 32K --variant libc
EOF
"$bin/sevbench" run --suite "$scratch/cut.suite" --seed 5 --cooldown 0 --out "$scratch/cut" \
	--platforms nosev >"$scratch/cut.out" 2>&1 &
child=$!
check "a run in a launch" within 60 grep -qs ' nosev ' "$scratch/cut/.journal"
kill -KILL $child
wait $child 2>/dev/null
cells=$(grep -c ' nosev ' "$scratch/cut/.journal")
check "... goes on after it was killed" exits 0 "$bin/sevbench" run --resume "$scratch/cut"
check "... and measures the cells of that launch again" says "$cells cells are measured again"
check "... as the manifest says" grep -q "\"cells_dropped\": $cells" "$scratch/cut/manifest.json"
check "... with each cell once" test "$(rows "$scratch/cut/samples.csv" memcpy nosev ok)" -eq 2012
check "... and nothing is left behind" nothing_left

# Interrupted in the second of two emulated guests.
in_the_second() {
	grep -qs ' sev-es ' "$1/.journal" && grep -qs ' snp ' "$1/.journal"
}
each_cell_once() {
	local platform
	for platform in sev-es snp; do
		echo "$(rows "$1" memcpy "$platform" ok) of $platform"
		[ "$(rows "$1" memcpy "$platform" ok)" -eq 2012 ] || return 1
	done
	[ "$(grep -c ',emulation,' "$1")" -eq 4024 ]
}
check "a plan by software emulation" exits 0 "$bin/sevbench" run --suite "$scratch/cut.suite" --platforms nosev --accel tcg \
	--dry-run
check "... says so" says "nosev     runs, emulated by software (TCG): its timings are no hardware costs"
if "$bin/vmrun" argv --emulate-sev --platform snp >"$scratch/out" 2>&1; then
	check "a plan with emulated SEV" exits 0 "$bin/sevbench" run --emulate-sev --suite "$scratch/cut.suite" --platforms snp \
		--dry-run
	check "... says so too" says "snp       runs, emulated: nothing is encrypted, and its timings are no hardware costs"
	setsid "$bin/sevbench" run --emulate-sev --suite "$scratch/cut.suite" --seed 5 --cooldown 0 --out "$scratch/emulated" \
		--platforms sev-es,snp >"$scratch/emulated.out" 2>&1 &
	child=$!
	check "a run in its second emulated guest" within 120 in_the_second "$scratch/emulated"
	kill -INT $child
	wait $child
	status=$?
	check "... ends at Ctrl-C" test $status -eq 130
	check "... as the manifest says" state_is "$scratch/emulated" interrupted
	check "... and nothing is left behind" nothing_left
	check "... goes on" exits 0 "$bin/sevbench" run --resume "$scratch/emulated"
	check "... with each cell once" each_cell_once "$scratch/emulated/samples.csv"
	# Three launches have an end, and the run.
	check "... and launches that guest alone again" test "$(grep -c '"ended"' "$scratch/emulated/manifest.json")" -eq 4
	check "... and nothing is left behind" nothing_left
else
	skip "a run of emulated guests that is interrupted" "$(head -n 1 "$scratch/out")"
fi

if mkdir "$scratch/small" && mount -t tmpfs -o size=1200k tmpfs "$scratch/small" 2>/dev/null; then
	check "a full disk fails the run" exits 1 run_tiny "$scratch/small/run" --platforms native
	check "... with its reason" says "No space left"
	check "... what fitted is kept" awk -F, 'NR == 1 { n = NF } NF < n { exit 1 } END { exit NR < 100 }' \
		"$scratch/small/run/samples.csv.partial"
	check "... and the manifest says what happened" state_is "$scratch/small/run" failed
	umount "$scratch/small"
else
	skip "a full disk" "no tmpfs can be mounted here: run as root"
fi

done_testing
