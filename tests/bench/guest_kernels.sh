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
	echo 'default --samples 2 --batch-us 500 --warmup-us 0'
	for kernel in $kernels; do
		case $kernel in
		memcpy) echo "kernel $kernel --size 64K --variant libc,avx2,avx2_nt --pages 4k,2m" ;;
		memset | read | update) echo "kernel $kernel --size 64K --variant scalar" ;;
		stream) echo "kernel $kernel --size 192K --variant triad_avx2 --threads 2" ;;
		chase)
			echo "kernel $kernel --size 64K --pages 4k --backing private,twin,shared"
			echo "kernel $kernel --size 64K --variant random --pages 2m,1g --param chains=1 --param stride=64"
			;;
		tlb) echo "kernel $kernel --size 256K" ;;
		loaded) echo "kernel $kernel --size 1M" ;;
		touch)
			echo "kernel $kernel --size 4M --pages 4k --samples 64"
			echo "kernel $kernel --size 8M --pages 2m --variant write,read,dontneed,recycled,populate,resident --samples 64"
			;;
		*) echo "kernel $kernel" ;;
		esac
	done
} >"$scratch/all.suite"

check "every kernel runs on both platforms" exits 0 "$bin/sevbench" run --suite "$scratch/all.suite" \
	--platforms native,nosev --seed 1 --cooldown 0 --out "$scratch/run"
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
# The launcher provides the huge pages: rows KERNEL PAGES of the guest that are measured.
measured() {
	grep -q ",nosev,[a-z]*,$1,[^,]*,[0-9]*,1,$2,private,random,op,0,[0-9]" "$scratch/run/samples.csv" ||
		{ grep ",nosev,[a-z]*,$1,[^,]*,[0-9]*,1,$2," "$scratch/run/samples.csv" | head -n 3; return 1; }
}
check "nosev: memcpy on pages of 2M" measured memcpy 2m
check "nosev: chase on pages of 2M" measured chase 2m
check "nosev: touch of pages of 2M" measured touch 2m
check "nosev: chase on a page of 1G" measured chase 1g

# Whether they come out equal is not for a test to say that shares its machine with others.
check "private and shared memory are compared inside the guest" exits 0 "$bin/sevbench" compare "$scratch/run"
check "... as the control, for nothing is encrypted there" says 'control: '
check "... with the twin of the shared memory" grep -qE '^chase/.* nosev\*? +twin ' "$scratch/out"

# Some hypervisors do not offer RDTSCP.
check "time is measured on a processor without RDTSCP" exits 0 "$bin/vmrun" exec --accel tcg \
	--firmware default --cpu-model max,-rdtscp "$bin/bench-syscall" --variant getppid --samples 5
check "... and comes as rows" says ",syscall,getppid,"
done_testing
