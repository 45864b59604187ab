#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Our memory kernels beside likwid-bench, perf bench mem, mbw and stress-ng, in one run. First the
# fastest variant of each program is picked for every cell; then every round goes over the cells some
# times, the peer between two launches of ours, on the same CPU, with the same kind of page and of
# data. A cell is what is done at the size of a cache or of memory, with one thread. Every figure is
# bytes read and written a second, whatever a program prints.
#
# A figure takes the same measuring time of both, used as the program is meant to be used: a peer's in
# one run; ours in all launches of a round together, of which the median counts, as in `sevbench run`.
#
# usage: bench/compare-peers.sh [directory of the bench- programs]
# environment: ROUNDS (5), CPU (the last allowed), SECONDS_EACH (0.25: how long a figure is measured),
#              PASSES (2: runs of a peer in a round, each a figure; twice as many launches of ours),
#              SIZES="L1=16K L2=512K ..." (bytes of all arrays together; from the caches)

set -u
bin=${1:-build/bin}
rounds=${ROUNDS:-5}
each=${SECONDS_EACH:-0.25}
passes=${PASSES:-2}
stress_each=6 # stress-ng stream gives no rate of a shorter time
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export LC_ALL=C

allowed=$(taskset -cp $$ | sed 's/.*: //')
cpu=${CPU:-${allowed##*[,-]}}
on="taskset -c $cpu"

declare -A pages      # by program: the kind of page that it gets here
declare -A ours_best  # by "operation level": the fastest of our variants
declare -A peer_best  # by "operation level program": the fastest of its variants
declare -A guess      # by "operation level program": its bytes a second, about

# Bytes of the cache of a level as the CPU sees it; 0 where Linux does not say.
cache() {
	local index bytes=0

	for index in /sys/devices/system/cpu/cpu"$cpu"/cache/index*; do
		[ "$(cat "$index/level" 2>/dev/null)" = "$1" ] || continue
		[ "$(cat "$index/type")" != Instruction ] || continue
		bytes=$(numfmt --from=iec "$(cat "$index/size")")
	done
	echo "$bytes"
}

# Half of L1 and of L2; beyond L2 but no large part of an L3 that others use too; 12 times the L3
# for all arrays together (STREAM wants three of four times).
sizes() {
	local l1 l2 l3 dram available

	l1=$(cache 1) l2=$(cache 2) l3=$(cache 3)
	[ "$l1" -gt 0 ] && echo "L1=$((l1 / 2))"
	[ "$l2" -gt 0 ] && echo "L2=$((l2 / 2))"
	[ "$l3" -gt 0 ] && echo "L3=$((4 * l2 < l3 / 2 ? 4 * l2 : l3 / 2))"
	dram=$((l3 * 12 > 805306368 ? l3 * 12 : 805306368))
	available=$(awk '/^MemAvailable:/ { printf "%.0f", $2 * 1024 / 3 }' /proc/meminfo)
	[ "$dram" -lt "$available" ] || dram=$((available / 12582912 * 12582912))
	echo "DRAM=$dram"
}

# array OPERATION LEVEL: bytes of one array, a multiple of what every program can do.
array() {
	local arrays=3 level=$2 entry

	case $1 in memset | load) arrays=1 ;; memcpy) arrays=2 ;; esac
	# In memory every array is as large as those of the triad.
	[ "$level" != DRAM ] || arrays=3
	for entry in "${levels[@]}"; do
		[ "${entry%%=*}" = "$level" ] &&
			echo $(($(numfmt --from=iec "${entry#*=}") / arrays / 4096 * 4096))
	done
}

# times OPERATION LEVEL PROGRAM BYTES SECONDS: how often, to fill the seconds with passes of so many.
times() {
	awk -v rate="${guess["$1 $2 $3"]:-2e9}" -v bytes="$4" -v s="$5" \
		'BEGIN { n = int(s * rate / bytes + 0.5); print n < 1 ? 1 : n }'
}

# batches BYTES RATE SECONDS: how many fill the seconds: of 5 ms, or of one pass over so many bytes.
batches() {
	awk -v bytes="$1" -v rate="$2" -v s="$3" 'BEGIN {
		one = bytes / rate > 0.005 ? bytes / rate : 0.005
		n = int(s / one + 0.5)
		print n < 1 ? 1 : n
	}'
}

# ours KERNEL VARIANTS BYTES FILL PAGES BATCHES: their median, a line a variant.
ours() {
	"$bin/bench-$1" --variant "$2" --size "$3" --fill "$4" --pages "$5" --cpu "$cpu" \
		--samples "$6" --batch-us 5000 --quiet |
		awk -F, '
		NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
		$at["status"] != "ok" || $at["series"] != "op" { next }
		{
			v = $at["variant"]
			rate[v, ++n[v]] = ($at["bytes_read"] + $at["bytes_written"]) / $at["ns"]
		}
		END {
			for (v in n) {
				for (i = 2; i <= n[v]; i++) {
					x = rate[v, i]
					for (j = i - 1; j && rate[v, j] > x; j--)
						rate[v, j + 1] = rate[v, j]
					rate[v, j + 1] = x
				}
				printf "%s\t%.4f\n", v, rate[v, int((n[v] + 1) / 2)]
			}
		}'
}

# Every function below prints "variant<TAB>GB/s" of one run: NAME OPERATION LEVEL VARIANT SECONDS.

# likwid-bench's size is that of all arrays together.
likwid_bench() {
	local arrays=3 bytes

	case $1 in memset | load) arrays=1 ;; memcpy) arrays=2 ;; esac
	bytes=$(($(array "$1" "$2") * arrays))
	$on likwid-bench -t "$3" -w "N:$((bytes / 1000))kB:1" \
		-i "$(times "$1" "$2" likwid-bench "$bytes" "$4")" 2>/dev/null |
		awk -v v="$3" '/^MByte\/s:/ { printf "%s\t%.4f\n", v, $2 / 1000 }'
}

# perf counts a copied byte once.
perf_bench() {
	local bytes factor=1

	bytes=$(array "$1" "$2")
	[ "$1" = memcpy ] && factor=2
	$on perf bench -f simple mem "$1" -s "${bytes}B" -f "$3" \
		-l "$(times "$1" "$2" perf $((bytes * factor)) "$4")" 2>/dev/null |
		awk -v v="$3" -v f="$factor" '$1 > 0 { printf "%s\t%.4f\n", v, $1 * f / 1e9 }'
}

mbw_copy() {
	local bytes

	bytes=$(array "$1" "$2")
	$on mbw -q -n "$(times "$1" "$2" mbw $((2 * bytes)) "$4")" -t 0 $((bytes / 1048576)) \
		2>/dev/null |
		awk '/^AVG/ { printf "memcpy\t%.4f\n", $(NF - 1) * 1048576 * 2 / 1e9 }'
}

# Its units are named MB; they are taken for the larger ones, of 2^20 bytes. All four loops together.
stress_stream() {
	$on stress-ng --stream 1 -t "$4" --metrics 2>&1 |
		sed -n 's/.*memory rate: \([0-9.]*\) MB read\/sec, \([0-9.]*\) MB write\/sec.*/\1 \2/p' |
		awk '{ printf "stream\t%.4f\n", ($1 + $2) * 1048576 / 1e9 }'
}

run_peer() {
	case $3 in
	likwid-bench) likwid_bench "$1" "$2" "$4" "$5" ;;
	perf) perf_bench "$1" "$2" "$4" "$5" ;;
	mbw) mbw_copy "$1" "$2" "$4" "$5" ;;
	stress-ng) stress_stream "$1" "$2" "$4" "$5" ;;
	esac
}

# The programs that have the operation at the level.
programs() {
	has likwid-bench && [ "$1" != stream ] && echo likwid-bench
	has perf && [[ $1 == mem* ]] && echo perf
	has mbw && [ "$1 $2" = "memcpy DRAM" ] && echo mbw
	has stress-ng && [ "$1 $2" = "stream DRAM" ] && echo stress-ng
}

# Past the caches is tried where it can be faster.
peer_variants() {
	local width

	case $3 in
	perf) if [ "$1" = memcpy ]; then echo default x86-64-movsb; else echo default x86-64-stosb; fi ;;
	mbw) echo memcpy ;;
	stress-ng) echo stream ;;
	likwid-bench)
		for width in $widths; do
			case $1 in
			memcpy) echo "copy_$width" ;;
			memset) echo "store_$width" ;;
			load) echo "load_$width" ;;
			triad) echo "stream_$width stream_${width}_fma" ;;
			esac
			[[ $1 == load || $2 == L[12] ]] && continue
			case $1 in
			memcpy) echo "copy_mem_$width" ;;
			memset) echo "store_mem_$width" ;;
			triad) echo "stream_mem_$width" ;;
			esac
		done
		;;
	esac
}

our_variants() {
	local width list=

	case $1 in
	memcpy) list=libc,rep_movsb ;;
	memset) list=libc,rep_stosb ;;
	esac
	for width in avx2 ${avx512:+avx512}; do
		case $1 in
		load) list+=",${width}_load" ;;
		triad) list+=",triad_$width" ;;
		*) list+=",$width" ;;
		esac
		[[ $2 != L[12] ]] || continue
		case $1 in
		load) list+=",${width}_pages" ;;
		triad) list+=",triad_${width}_nt,triad_${width}_nt_pages" ;;
		*) list+=",${width}_nt,${width}_nt_pages" ;;
		esac
	done
	echo "${list#,}"
}

kernel_of() {
	case $1 in load) echo read ;; triad | stream) echo stream ;; *) echo "$1" ;; esac
}

# What a program fills its arrays with: perf zeros, the others one number in all places.
fill_of() {
	if [ "$1" = perf ]; then echo zero; else echo one; fi
}

has() {
	command -v "$1" >/dev/null
}

# The children of a process, theirs too, and itself.
family() {
	local child

	echo "$1"
	while read -rd ' ' child; do
		family "$child"
	done < <(cat /proc/"$1"/task/*/children 2>/dev/null)
}

# Does the program get transparent huge pages here? Asked of Linux while it runs.
find_pages() {
	local process pid huge=0 small=0 now

	run_peer "$1" "${levels[-1]%%=*}" "$2" "$3" "$([ "$2" = stress-ng ] && echo $stress_each || echo 1)" \
		>"$work/pages" &
	process=$!
	while kill -0 "$process" 2>/dev/null; do
		for pid in $(family "$process"); do
			now=$(awk '/^Anonymous:/ { a = $2 } /^AnonHugePages:/ { h = $2 }
				END { print h + 0, a - h + 0 }' /proc/"$pid"/smaps_rollup 2>/dev/null)
			[ "${now% *}" -gt "$huge" ] 2>/dev/null && huge=${now% *}
			[ "${now#* }" -gt "$small" ] 2>/dev/null && small=${now#* }
		done
		sleep 0.1
	done
	wait "$process"
	if [ "$huge" -gt "$small" ]; then pages[$2]=thp; else pages[$2]=4k; fi
}

# fastest: of lines "variant<TAB>GB/s", the variant whose median is the highest, and that.
fastest() {
	sort -t$'\t' -k1,1 -k2,2n | awk -F'\t' '
		function done() { if (n && rate[int((n + 1) / 2)] > most) { most = rate[int((n + 1) / 2)]; best = last } }
		$1 != last { done(); n = 0; last = $1 }
		{ rate[++n] = $2 }
		END { done(); if (most) printf "%s\t%s\n", best, most }'
}

# Before the rounds: the fastest variants of five short runs each (of one past the caches, where most
# of the time goes into filling the arrays), and how fast about.
pick() {
	local operation=$1 level=$2 program variant name rate i runs=5 seconds=0.05

	[ "$level" != DRAM ] || runs=1
	for program in $(programs "$operation" "$level"); do
		[ "$program" != stress-ng ] || seconds=$stress_each
		IFS=$'\t' read -r name rate < <(
			for ((i = 0; i < runs; i++)); do
				for variant in $(peer_variants "$operation" "$level" "$program"); do
					run_peer "$operation" "$level" "$program" "$variant" "$seconds"
				done
			done | fastest
		)
		[ -n "${name:-}" ] || {
			echo "$program gave no rate for $operation at $level"
			continue
		}
		[ -n "${pages[$program]:-}" ] || find_pages "$operation" "$program" "$name"
		peer_best["$operation $level $program"]=$name
		guess["$operation $level $program"]=$(awk -v r="$rate" 'BEGIN { printf "%.0f", r * 1e9 }')
	done
	[ "$operation" != stream ] || operation=triad
	IFS=$'\t' read -r name rate < <(
		for ((i = 0; i < runs; i++)); do
			ours "$(kernel_of "$operation")" "$(our_variants "$operation" "$level")" \
				"$(array "$operation" "$level")" one 4k 5
		done | fastest
	)
	ours_best["$1 $level"]=$name
	guess["$1 $level ours"]=$(awk -v r="$rate" 'BEGIN { printf "%.0f", r * 1e9 }')
}

# STREAM's four loops as one rate: all bytes by all time.
our_stream() {
	local flavour=${1#triad_}

	ours stream "copy_$flavour,scale_$flavour,add_$flavour,triad_$flavour" "$2" "$3" "$4" "$5" |
		awk -F'\t' -v f="$flavour" '{ bytes = $1 ~ /^(copy|scale)/ ? 2 : 3; all += bytes; time += bytes / $2 }
			END { printf "stream_%s\t%.4f\n", f, all / time }'
}

# The bytes that one pass over all arrays goes through.
pass_of() {
	local arrays=3

	case $1 in memset | load) arrays=1 ;; memcpy) arrays=2 ;; esac
	echo $(($(array "$1" "$2") * arrays))
}

# How long a figure is measured: long enough for a whole pass in every launch of ours.
seconds_of() {
	local seconds=$each

	[ "$3" != stress-ng ] || seconds=$stress_each
	awk -v s="$seconds" -v bytes="$(pass_of "$1" "$2")" -v rate="${guess["$1 $2 ours"]}" \
		-v n=$((2 * passes)) 'BEGIN { least = n * bytes / rate; printf "%.2g\n", (s > least ? s : least) }'
}

# One launch of ours: its part of the seconds of a figure.
run_ours() {
	local fill kernel bytes count

	fill=$(fill_of "$3") kernel=$(kernel_of "$1") bytes=$(array "$1" "$2")
	count=$(batches "$(pass_of "$1" "$2")" "${guess["$1 $2 ours"]}" \
		"$(awk -v s="$4" -v n=$((2 * passes)) 'BEGIN { print s / n }')")
	if [ "$1" = stream ]; then
		our_stream "${ours_best["$1 $2"]}" "$bytes" "$fill" "${pages[$3]}" $(((count + 3) / 4))
	else
		ours "$kernel" "${ours_best["$1 $2"]}" "$bytes" "$fill" "${pages[$3]}" "$count"
	fi
}

# One cell of one pass of one round: all three figures, or none.
measure() {
	local round=$1 pass=$2 operation=$3 level=$4 program=$5 seconds theirs before after
	local variant=${peer_best["$3 $4 $5"]:-}

	[ -n "$variant" ] || return
	seconds=$(seconds_of "$operation" "$level" "$program")
	before=$(run_ours "$operation" "$level" "$program" "$seconds")
	theirs=$(run_peer "$operation" "$level" "$program" "$variant" "$seconds")
	after=$(run_ours "$operation" "$level" "$program" "$seconds")
	[ -n "$theirs" ] && [ -n "$before" ] && [ -n "$after" ] || return
	printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$operation" "$level" "$program" \
		"${pages[$program]}" "$seconds" "$theirs" "$before" "${after#*$'\t'}" "$round" "$pass" \
		>>"$work/rows"
}

report() {
	awk -F'\t' -v passes="$passes" '
	# Sort v[name, 1..count] and return the median.
	function sort(name, count,    i, j, x) {
		for (i = 2; i <= count; i++) {
			x = v[name, i]
			for (j = i - 1; j && v[name, j] > x; j--)
				v[name, j + 1] = v[name, j]
			v[name, j + 1] = x
		}
		if (count % 2)
			return v[name, (count + 1) / 2]
		return (v[name, count / 2] + v[name, count / 2 + 1]) / 2
	}
	function add(name, x) { v[name, ++n[name]] = x }
	function spread(name,    middle) {
		middle = sort(name, n[name])
		return 100 * (v[name, n[name]] - v[name, 1]) / middle
	}
	function median(name) { return sort(name, n[name]) }
	{
		key = $1 SUBSEP $2 SUBSEP $3
		if (!(key in pages))
			order[++keys] = key
		pages[key] = $4
		seconds[key] = $5
		their_name[key] = $6
		our_name[key] = $8
		if (!seen[key, $11]++)
			rounds[key, ++round_count[key]] = $11
		add("all" SUBSEP key, $7)
		add("one" SUBSEP key SUBSEP $12, $7)
		add("launch" SUBSEP key SUBSEP $11, $9)
		add("launch" SUBSEP key SUBSEP $11, $10)
		add("pair" SUBSEP key SUBSEP $11, ($9 + $10) / 2 / $7)
	}
	END {
		printf "%-6s %-4s %-5s %4s  %-30s %7s %6s  %-21s %7s %6s  %5s %s\n", "what", "at", "pages", "s",
		       "peer", "GB/s", "spread", "ours", "GB/s", "spread", "ratio", "(min..max)"
		for (k = 1; k <= keys; k++) {
			key = order[k]
			split(key, p, SUBSEP)
			a = count = 0
			for (i = 1; i <= passes; i++)
				if (n["one", key, i]) {
					a += spread("one" SUBSEP key SUBSEP i)
					count++
				}
			a /= count
			for (i = 1; i <= round_count[key]; i++) {
				add("ours" SUBSEP key, median("launch" SUBSEP key SUBSEP rounds[key, i]))
				add("ratio" SUBSEP key, median("pair" SUBSEP key SUBSEP rounds[key, i]))
			}
			b = spread("ours" SUBSEP key)
			ratio = median("ratio" SUBSEP key)
			most = v["ratio", key, n["ratio", key]]
			printf "%-6s %-4s %-5s %4g  %-30s %7.2f %5.1f%%  %-21s %7.2f %5.1f%%  %5.2f (%.2f..%.2f)\n",
			       p[1], p[2], pages[key], seconds[key], p[3] " " their_name[key],
			       median("all" SUBSEP key), a, our_name[key], median("ours" SUBSEP key), b, ratio,
			       v["ratio", key, 1], most
			fast += ratio >= 1
			# Slower now, faster then: nobody knows.
			undecided += ratio < 1 && most >= 1
			if (a > 0) {
				steady += b <= a
				add("steadiness", b / a)
			}
		}
		if (keys)
			printf "ours is at least as fast in %d of %d cells, now slower, now faster in %d," \
			       " always slower in %d\n", fast, keys, undecided, keys - fast - undecided
		# One round spreads nothing.
		if (n["steadiness"])
			printf "its spread is not the larger one in %d of %d, and %.2f of the peer'"'"'s in the" \
			       " middle\n", steady, n["steadiness"], median("steadiness")
	}' "$work/rows"
}

for kernel in memcpy memset read stream; do
	[ -x "$bin/bench-$kernel" ] || {
		echo "compare-peers: $bin/bench-$kernel is not there: run make first" >&2
		exit 1
	}
done
for count in "ROUNDS=$rounds" "PASSES=$passes"; do
	[[ $count =~ =[1-9][0-9]*$ ]] || {
		echo "compare-peers: ${count%%=*} is \"${count#*=}\", not a number from 1 on" >&2
		exit 2
	}
done
awk -v s="$each" 'BEGIN { exit !(s ~ /^[0-9.]+$/ && s > 0) }' || {
	echo "compare-peers: SECONDS_EACH is \"$each\", not a time above 0" >&2
	exit 2
}

avx512='' widths=avx
if grep -qw avx512f /proc/cpuinfo; then
	avx512=yes widths="avx avx512"
fi
: >"$work/rows"
read -ra levels <<<"${SIZES:-$(sizes | tr '\n' ' ')}"

echo "CPU $cpu, one thread, $rounds rounds of $passes passes; bytes of all arrays together: ${levels[*]}"
echo "Rates are bytes read and written. Both figures of a round took the same measuring time (s): the"
echo "peer's in one run, ours as the median of $((2 * passes)) launches. A spread is (maximum - minimum) / median"
echo "over the rounds, a ratio the median over the rounds, ours by the peer's, of runs side by side. Both"
echo "are on the pages that the peer gets here, with its data: perf zeros, else one number."
for peer in likwid-bench perf mbw stress-ng; do
	has "$peer" || echo "$peer: not installed (make setup-peers installs it)"
done
echo "stress-ng memcpy: counts operations of its own, not bytes"
echo "lat_mem_rd: lmbench is not in Debian's main section, which has no other program for latency"
echo "about $((6 + rounds * passes * 4 / 3)) minutes on an idle machine" >&2
cells=()
for level in "${levels[@]}"; do
	for operation in memcpy memset load triad stream; do
		[ -n "$(programs "$operation" "${level%%=*}")" ] || continue
		echo "picking the fastest for $operation at ${level%%=*}" >&2
		pick "$operation" "${level%%=*}"
		cells+=("$operation ${level%%=*}")
	done
done
# What was measured until then is worth a table.
trap 'report; exit 1' INT TERM
for ((i = 1; i <= rounds; i++)); do
	echo "round $i of $rounds" >&2
	for ((j = 1; j <= passes; j++)); do
		for cell in "${cells[@]}"; do
			read -r operation level <<<"$cell"
			for program in $(programs "$operation" "$level"); do
				measure "$i" "$j" "$operation" "$level" "$program"
			done
		done
	done
done
report
# A mean over seconds, which is what the peers give, suffers from a busy CPU more than a median of
# batches of milliseconds: such a table says nothing about who is faster.
busy=$(awk '{ print $1 }' /proc/loadavg)
if awk -v load="$busy" -v cpus="$(nproc)" 'BEGIN { exit !(load > cpus / 2 + 1) }'; then
	echo "The machine was busy (load $busy on $(nproc) CPUs): measure again when it is idle."
fi
