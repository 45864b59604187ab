#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Ten mistakes that were found in suites of memory benchmarks. For each: what keeps it out of ours can
# be seen from outside, in a row, in the description of the machine, or in the machine code.
# shellcheck source=tests/tap.sh
. "${0%/*}/../tap.sh"

bin=${SEVBENCH_BIN:-$PWD/build/bin}

# cells PROGRAM OPTION...: its rows go to $scratch/rows.
cells() {
	local program=$1
	shift
	"$bin/$program" "$@" --quiet >"$scratch/rows"
}

# every COLUMN CONDITION: an awk condition on x, the column, in every row of an operation; it may
# speak of iterations and step, too.
every() {
	awk -F, -v column="$1" '
	NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
	$at["series"] != "op" { next }
	{ x = $at[column]; iterations = $at["iterations"]; step = $at["tsc_step"]; n++ }
	!('"$2"') { print column " is \"" x "\": " $0; bad = 1; exit }
	END { exit bad || !n || !(column in at) }' "$scratch/rows"
}

# code PROGRAM FUNCTION-PATTERN INSTRUCTION-PATTERN: functions whose name matches that have it.
code() {
	objdump -d --no-show-raw-insn "$bin/$1" | awk -v name="$2" -v insn="$3" '
	/^[0-9a-f]+ </ { f = $2; gsub(/[<>:]/, "", f); next }
	f ~ name && match($0, /\t/) { c = substr($0, RSTART + 1); sub(/^.*\t/, "", c); if (c ~ insn) print f }' |
		sort -u
}

none() {
	local found
	found=$("$@")
	[ -z "$found" ] || {
		echo "found in: $found"
		return 1
	}
}

# sometimes COLUMN CONDITION PROGRAM OPTION...: in one of ten runs of it every row has it. Linux adds
# page faults when it moves pages.
sometimes() {
	local column=$1 condition=$2 i
	shift 2
	for ((i = 0; i < 10; i++)); do
		cells "$@" || return
		! every "$column" "$condition" || return 0
	done
	return 1
}

small="--samples 3 --batch-us 300 --warmup-us 0"

# shellcheck disable=SC2086 # several words
{
	# 1. The C library chooses its copy by what CPUID says of the caches, which differs between guests.
	check "1: the leaves that libc chooses by are recorded" exits 0 "$bin/bench-memcpy" --environment
	check "1: ... all of them" says '"0x80000006"'
	check "1: ... and its tunables" says '"tunables"'

	# 2. The value of the data changes the bandwidth.
	check "2: a cell without a fill" cells bench-memcpy --variant rep_movsb --size 16K $small
	check "2: ... has random data, and says so" every fill 'x == "random"'
	check "2: a cell with one" cells bench-memset --variant rep_stosb --size 16K --fill zero,one $small
	check "2: ... says so" every fill 'x == "zero" || x == "one"'

	# 4. Bytes are counted once or twice, and those that caches read before a store never.
	check "4: a copy of ordinary stores" cells bench-memcpy --variant scalar --size 16K $small
	check "4: ... reads" every bytes_read 'x == 16384 * iterations'
	check "4: ... writes" every bytes_written 'x == 16384 * iterations'
	check "4: ... and makes the caches read, apart" every bytes_allocate 'x == 16384 * iterations'
	check "4: one past the caches" cells bench-memcpy --variant sse2_nt --size 16K $small
	check "4: ... does not" every bytes_allocate 'x == 0'

	# 5. Memory that was never written is one page of zeros, which reads faster than any other.
	check "5: a read of zeros, of pages that are there: no fault" sometimes page_faults 'x == 0' \
		bench-read --variant scalar --size 4M --fill zero $small

	# 6. Faults come in batches, and those of a load and of a store are not the same.
	# A sanitizer's own memory faults between them.
	[ -z "${SAN:-}" ] || skip "6: pages touched" "a sanitizer's build"
	for variant in $([ -n "${SAN:-}" ] || echo write read cow); do
		no_zeros=$("$bin/bench-touch" --variant $variant --size 64K --pages 4k --samples 2 2>&1 |
			grep -o 'this Linux has no page of zeros[^",]*' | head -n 1)
		[ -z "$no_zeros" ] || { skip "6: pages touched ($variant)" "$no_zeros"; continue; }
		check "6: pages touched ($variant) fault once each" sometimes page_faults 'x == 64' \
			bench-touch --variant $variant --size 1M --pages 4k --samples 64
	done

	# 7. The first touch ever is another thing than the second one.
	for variant in fresh recycled dontneed; do
		check "7: $variant is a variant of its own" sh -c "'$bin/bench-touch' --list | grep -qw $variant"
	done

	# 9. One process is one sample.
	printf 'rounds 2\ndefault %s\nkernel memcpy --size 16K --variant scalar\n' "$small" >"$scratch/two.suite"
	check "9: a suite of two rounds" exits 0 "$bin/sevbench" run --suite "$scratch/two.suite" \
		--platforms native --out "$scratch/two"
	cp "$scratch/two/samples.csv" "$scratch/rows"
	check "9: ... says of every row which" every round 'x == 1 || x == 2'
	check "9: ... and has both" test "$(cut -d, -f3 "$scratch/rows" | grep '^[12]$' | sort -u | wc -l)" -eq 2
	# The seed of the data, and with it the addresses, is that of the launch: the counters are read anew.
	check "9: ... each launched afresh: the counter's speed was measured twice" test \
		"$(awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next } { print $at["round"], $at["tsc_hz"] }' \
			"$scratch/rows" | sort -u | grep -c '^[12] ')" -eq 2

	# 10. Threads that wander, or share a CPU with others.
	last=$(taskset -cp $$ | sed 's/.*[^0-9]//')
	check "10: a cell on a CPU" cells bench-memset --variant rep_stosb --size 16K --cpu "$last" $small
	check "10: ... names it" every cpus "x == $last"
	check "10: ... has not left it" every migrations 'x ~ /^0$/'
	check "10: ... and counts who disturbed it" every involuntary 'x ~ /^[0-9]+$/'
	check "10: ... and the host's theft, where Linux knows it" every steal_ns 'x ~ /^[0-9.]*$/'
	check "10: the machine says whether Linux moves pages between nodes" sh -c \
		"'$bin/bench-memcpy' --environment | grep -q numa_balancing"
}

if ! command -v objdump >/dev/null || [ -n "${SAN:-}" ]; then
	skip "3, 8: the machine code" "objdump is missing, or a sanitizer's build"
else
	# 3. Compilers put calls of the C library where loops were.
	check "3: no loop calls memcpy or memset, but those named after libc" none sh -c \
		"$(declare -f code); bin='$bin'; { code bench-memcpy '^copy_' '^(call|jmp).*<mem(cpy|move)'; code bench-memset '^set_' '^(call|jmp).*<memset'; code bench-stream '^stream_(copy|scale|add|triad)' '^(call|jmp).*<mem(cpy|move)'; } | grep -v '^\(copy\|set\)_libc'"
	check "3: ... and those do" test "$(code bench-memcpy '^copy_libc' '^(call|jmp).*<mem(cpy|move)' | wc -l)" -eq 2
	# 8. CPUID as a fence is a world switch. It stands where features are asked, and where it is measured.
	check "8: nothing that is timed executes CPUID" none sh -c \
		"$(declare -f code); bin='$bin'; for k in memcpy memset read stream chase touch syscall; do code bench-\$k '.' '^cpuid'; done | grep -v '^\(cpu_\|here_\|cpuid\)'"
	check "8: the clock waits by LFENCE" test -n "$(code bench-chase . '^lfence')"
fi
# What is left of 8: what a tick is, beside every sample.
check "8: a cell" cells bench-chase --variant random --size 64K --samples 3 --batch-us 300
check "8: ... says how fast the counter counts" every tsc_hz 'x > 1e6'
check "8: ... and in what steps" every tsc_step 'x >= 1'
check "8: ... and no batch is shorter than 1000 of them" every ticks 'x >= 1000 * step'
done_testing
