#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Every kernel runs natively and in a plain guest, or says why it does not; none fails.
# shellcheck source=tests/tap.sh
. "${0%/*}/../tap.sh"

bin=${SEVBENCH_BIN:-$PWD/build/bin}
here=${0%/*}/..
kernels=$(sed -n 's/^X(\(.*\))/\1/p' "$here/../kernels/kernels.def")

# The sizes are small, for what is tested is that the work is done, not how fast.
{
	echo 'rounds 1'
	echo 'default --samples 2 --batch-us 100 --warmup-us 0'
	for kernel in $kernels; do
		case $kernel in
		memcpy) echo "kernel $kernel --size 64K --variant libc,avx2,avx2_nt" ;;
		memset | read | update) echo "kernel $kernel --size 64K --variant scalar" ;;
		stream) echo "kernel $kernel --size 192K --variant triad_avx2 --threads 2" ;;
		chase) echo "kernel $kernel --size 64K --pages 4k --backing private,shared" ;;
		tlb) echo "kernel $kernel --size 256K" ;;
		loaded) echo "kernel $kernel --size 1M" ;;
		touch) echo "kernel $kernel --size 4M --pages 4k --samples 64" ;;
		*) echo "kernel $kernel" ;;
		esac
	done
} >"$scratch/all.suite"

check "every kernel runs on both platforms" exits 0 "$bin/sevbench" run --suite "$scratch/all.suite" \
	--platforms native,nosev --seed 1 --out "$scratch/run"
check "... and the results are well-formed" "$here/check-run" "$scratch/run" native nosev

# statuses PLATFORM KERNEL: the statuses of its cells, each once
statuses() {
	awk -F, -v platform="$1" -v kernel="$2" '
		NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
		$at["platform"] == platform && $at["kernel"] == kernel {
			for (s = 1; s <= 3; s++) { split("ok skipped failed", name, " "); if ($0 ~ "," name[s] ",") seen[name[s]] = 1 }
		}
		END { for (s in seen) printf "%s ", s }' "$scratch/run/samples.csv"
}

none_failed() {
	local found
	found=$(statuses "$1" "$2")
	case $found in
	'' | *failed*)
		echo "statuses: $found"
		grep ",$1,.*,$2,.*,failed," "$scratch/run/samples.csv" | head -n 3
		return 1
		;;
	esac
}

for platform in native nosev; do
	for kernel in $kernels; do
		check "$platform: $kernel" none_failed $platform "$kernel"
	done
done
done_testing
