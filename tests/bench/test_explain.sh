#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# sevbench explain: the way of an operation, and what a run measured of it.
# shellcheck source=tests/tap.sh
. "${0%/*}/../tap.sh"

bin=${SEVBENCH_BIN:-$PWD/build/bin}
explain() { "$bin/sevbench" explain "$@"; }

check "an operation is explained" exits 0 explain cpuid 0xb
check "... on the platforms" says "On sev-es and snp: vc+kvm"
check "... leg by leg" says "guest's Linux to KVM: VMGEXIT"
check "... with what it is" says "CPUID in user mode"
check "... and says that nothing was measured" says "not measured: no run is named"
check "with a slash as well" exits 0 explain cpuid/0xb
check "without an operation all are listed" exits 0 explain
check "... by kernel" says "ring0_msr"
every() {
	local kernel variants variant
	while read -r kernel variants; do
		[ "$variants" != "(every variant)" ] || variants=any
		for variant in $variants; do explain "$kernel" "$variant" >/dev/null || return; done
	done < <(explain)
}
check "each of the list is explained" every

check "an operation that nobody knows is refused" exits 2 explain cpuid 0xc
check "... with the nearest" says 'the nearest names are "cpuid 0x0"'
check "... and the list" says "ring0_hypercall  poll_irq"
check "too many words are refused" exits 2 explain cpuid 0xb a=1 0x1
check "... in a sentence" says '"0x1" is too much'
check "a word that is no parameter is refused" exits 2 explain cpuid 0xb 0x1
check "... and named" says '"0x1" is no parameter'
check "what an operation has not is refused" exits 2 explain cpuid 0xb pages_converted=1
check "... by name" says "no parameters"
check "parameters tell operations apart" exits 0 explain convert 4k pages_converted=8
check "... in their head" says "convert 4k pages_converted=8"
check "... and their way" says "with 8 PVALIDATE each"
check "a run without an operation is refused" exits 2 explain --run /nonexistent
check "a run that is not there fails" exits 1 explain cpuid 0xb --run "$scratch/none"
check "... and names it" says "$scratch/none"

check "a run is made up" exits 0 "$bin/../tests/analysis/make_run" "$scratch/run"
check "what it measured stands beside it" exits 0 explain --run "$scratch/run" cpuid 0xb
check "... by part and platform" says "from cpuid/0xb - cpuid/0x0"
measured() { "$bin/sevbench" compare --parts "$scratch/parts.csv" "$scratch/run" >/dev/null &&
	grep -q "^1,VMEXIT and back,nosev,kvm,cpuid,0xb,.*,$1" "$scratch/parts.csv"; }
check "... as compare computes it" measured "$(sed -n 's/^ *nosev *\([0-9]*\) ns (.*from cpuid.0xb$/\1/p' "$scratch/out" | head -n 1)"

check "what an operator asks is answered" exits 0 explain --costs --run "$scratch/run"
check "... for a CPU" says "CPUIDs that make 1 % of a CPU, from cpuid/0xb"
check "... and says what was not measured" says "not measured"
check "without a run there is no answer" exits 2 explain --costs
check "... and it says so" says "give --run"
check "nor of one operation" exits 2 explain --costs --run "$scratch/run" cpuid 0xb
done_testing
