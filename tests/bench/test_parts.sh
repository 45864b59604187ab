#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A machine on which a part of a run cannot be measured: the rest is, and that part is rows with reasons.
# shellcheck source=tests/tap.sh
. "${0%/*}/../tap.sh"

bin=${SEVBENCH_BIN:-$PWD/build/bin}
printf 'about Short.\nrounds 1\ndefault --samples 3 --batch-us 100 --warmup-us 100\nkernel cpuid --variant 0x0\n' >"$scratch/one.suite"
(cat "$scratch/one.suite" && printf 'kernel memcpy --variant libc --size 4K --threads 1,2\n') >"$scratch/two.suite"

# reason PLATFORM TEXT RUN: every row of the platform is skipped, and says TEXT.
reason() {
	local rows
	rows=$(grep -c ",$1," "$3/samples.csv")
	if [ "$rows" -eq 0 ] || [ "$(grep ",$1," "$3/samples.csv" | grep -c "skipped,.*$2")" -ne "$rows" ]; then
		grep ",$1," "$3/samples.csv"
		return 1
	fi
}
measured() { grep -q ',native,none,.*,ok,' "$1/samples.csv"; }

# A copy of the programs has no guest kernel and no firmware.
mkdir -p "$scratch/elsewhere/bin"
cp "$bin"/sevbench "$bin"/bench-cpuid "$bin"/bench-memcpy "$bin"/guest-init "$scratch/elsewhere/bin"
elsewhere=$scratch/elsewhere/bin/sevbench
check "no guest kernel: the native rows are measured" exits 0 "$elsewhere" run --suite "$scratch/one.suite" \
	--platforms native,nosev --accel tcg --cooldown 0 --out "$scratch/kernel"
check "... and nosev is skipped, with the reason" reason nosev "no guest kernel" "$scratch/kernel"
check "... and the remedy" reason nosev "make setup" "$scratch/kernel"
check "... all of it" measured "$scratch/kernel"
check "with nothing but guests" exits 77 "$elsewhere" run --suite "$scratch/one.suite" --platforms nosev \
	--accel tcg --cooldown 0 --out "$scratch/nothing"

mkdir "$scratch/path"
for tool in gnuplot sh; do
	! type -P $tool >/dev/null || ln -s "$(type -P $tool)" "$scratch/path/$tool"
done
check "no QEMU: the native rows are measured" exits 0 env PATH="$scratch/path" "$bin/sevbench" run \
	--suite "$scratch/one.suite" --platforms native,nosev --accel tcg --cooldown 0 --out "$scratch/qemu"
check "... and nosev is skipped, with the reason" reason nosev "no program qemu-system-x86_64" "$scratch/qemu"

check "one CPU: what needs one is measured" exits 0 taskset -c "$(taskset -cp $$ | sed 's/.*: \([0-9]*\).*/\1/')" \
	"$bin/sevbench" run --suite "$scratch/two.suite" --platforms native --cooldown 0 --out "$scratch/cpu"
check "... and the rest is skipped, with the reason" grep -q 'memcpy,libc,4096,2,.*skipped,"\?2 threads need 2 CPUs' \
	"$scratch/cpu/samples.csv"
check "... all of it" grep -q 'memcpy,libc,4096,1,.*,ok,' "$scratch/cpu/samples.csv"
check "CPUs that there are not are refused as ever" exits 2 "$bin/sevbench" run --suite "$scratch/two.suite" \
	--platforms native --cpus 99999 --out "$scratch/none"

# A run that could launch guests does not end without them.
sed -i 's/"state": "complete"/"state": "interrupted"/; s/"launched": false/"launched": true/' "$scratch/kernel/manifest.json"
check "a run that had guests does not go on without" exits 2 "$elsewhere" run --resume "$scratch/kernel"
check "... and says why" says "nosev could be measured when the run began, and now it cannot: no guest kernel"

# Little memory: a control group's limit counts as the machine's.
if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
	small=/sys/fs/cgroup$(sed -n 's/^0:://p' /proc/self/cgroup)/sevbench-test-$$
	limit=memory.max
else
	small=/sys/fs/cgroup/memory$(sed -n 's/^[0-9]*:memory://p' /proc/self/cgroup)/sevbench-test-$$
	limit=memory.limit_in_bytes
fi
if [ -e "${small%/*}/cgroup.procs" ] && mkdir "$small" 2>/dev/null && echo 900M 2>/dev/null >"$small/$limit"; then
	in_small() { bash -c 'echo $$ >"$0/cgroup.procs"; exec "$@"' "$small" "$@"; }
	check "little memory: the native rows are measured" exits 0 in_small "$bin/sevbench" run \
		--suite "$scratch/one.suite" --platforms native,nosev --accel tcg --cooldown 0 --out "$scratch/memory"
	check "... and nosev is skipped, with the reason" reason nosev "of memory, and this machine has" "$scratch/memory"
else
	skip "little memory" "no control group with a limit can be made here"
fi
[ ! -d "$small" ] || rmdir "$small"
done_testing
