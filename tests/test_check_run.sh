#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# tests/check-run: every kind of damage it is there for must be seen.
# shellcheck source=tests/tap.sh
. "${0%/*}/tap.sh"

check_run=${0%/*}/check-run
run=$scratch/run

# A good run, into which LINE... are added as rows.
make_run() {
	rm -rf "$run"
	mkdir -p "$run/logs"
	echo '{}' >"$run/manifest.json"
	printf '%s\n' schema,kernel 1,cpuid >"$run/summary.csv"
	printf '%s\n' schema,platform,accel,kernel,variant,iterations,ticks,status,reason \
		1,native,none,cpuid,0x0,10,500,ok, \
		1,nosev,tcg,cpuid,0x0,10,9000,ok, \
		'1,snp,kvm,cpuid,0x0,,,skipped,"no /dev/sev, and ""QEMU"" is old"' "$@" >"$run/samples.csv"
}

# damaged ROW MESSAGE
damaged() {
	make_run "$1"
	check "$2: status 1" exits 1 "$check_run" "$run" native nosev
	check "$2: told" says "samples.csv:5: $2"
}

make_run
check "a good run passes" exits 0 "$check_run" "$run" native nosev
check "what was measured is counted" says "1 samples measured on nosev"
check "a platform that only has skips has not run" exits 1 "$check_run" "$run" native snp
check "it is named" says "nothing was measured on snp"
damaged '1,nosev,tcg,mmio,bar0,,,failed,QEMU died' "nosev mmio/bar0: failed: QEMU died"
damaged '1,sev,kvm,mmio,bar0,,,skipped,' "skipped without a reason"
damaged '1,nosev,tcg,cpuid,0x1,10,9000,ok' "not 9 fields"
damaged '1,nosev,tcg,cpuid,0x1,10,9000,ok,,' "not 9 fields"
damaged '1,nosev,tcg,cpuid,0x1,10,0,ok,' "measured, but without ticks or iterations"
damaged '1,native,tcg,cpuid,0x1,10,90,ok,' "platform native with accel tcg"
damaged '1,nosev,tcg,cpuid,0x1,10,90,skipped,"what' "a quote is never closed"
for file in manifest.json summary.csv samples.csv; do
	make_run
	: >"$run/$file"
	check "an empty $file is seen" exits 1 "$check_run" "$run" native
done
make_run
touch "$run/samples.csv.partial"
check "an unfinished file is seen" exits 1 "$check_run" "$run" native
check "a directory that is not there is seen" exits 1 "$check_run" "$scratch/nowhere" native
done_testing
