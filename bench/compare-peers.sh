#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Our memory kernels beside likwid-bench, perf bench mem, mbw and stress-ng, in one run: every round
# measures each of them once, one after the other, at the size of each cache and of memory, with one
# thread on the same CPU. Every figure is bytes read and written a second, whatever a tool prints.
#
# usage: bench/compare-peers.sh [directory of the bench- programs]
# environment: ROUNDS (5), CPU (the last allowed), SIZES="L1=16K L2=512K ..." (from the caches)

set -u
bin=${1:-build/bin}
rounds=${ROUNDS:-5}
rows=$(mktemp)
trap 'rm -f "$rows"' EXIT
export LC_ALL=C

allowed=$(taskset -cp $$ | sed 's/.*: //')
cpu=${CPU:-${allowed##*[,-]}}
on="taskset -c $cpu"

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

# Arrays that leave room for others in their cache, in whole steps of what every tool can do.
sizes() {
	local l1 l2 l3 dram available

	l1=$(cache 1) l2=$(cache 2) l3=$(cache 3)
	[ "$l1" -gt 0 ] && echo "L1=$(((l1 / 4) / 4096 * 4096))"
	[ "$l2" -gt 0 ] && echo "L2=$(((l2 / 4) / 4096 * 4096))"
	[ "$l3" -gt 0 ] && echo "L3=$(((l3 / 8) / 1048576 * 1048576))"
	dram=$((l3 * 4 > 268435456 ? l3 * 4 : 268435456))
	available=$(awk '/^MemAvailable:/ { printf "%.0f", $2 * 1024 / 6 }' /proc/meminfo)
	[ "$dram" -lt "$available" ] || dram=$((available / 1048576 * 1048576))
	echo "DRAM=$dram"
}

# keep OPERATION LEVEL WHOSE NAME RATE: a figure in GB/s, or a reason why there is none.
keep() {
	printf '%s\t%s\t%s\t%s\t%s\n' "$1" "$2" "$3" "$4" "$5" >>"$rows"
}

# ours OPERATION LEVEL BYTES KERNEL VARIANTS FILL: one launch; the median of its samples a variant.
ours() {
	"$bin/bench-$4" --variant "$5" --size "$3" --fill "$6" --cpu "$cpu" --samples 9 \
		--batch-us 5000 --quiet |
		awk -F, -v op="$1" -v level="$2" '
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
				printf "%s\t%s\tours\t%s\t%.4f\n", op, level, v, rate[v, int((n[v] + 1) / 2)]
			}
		}' >>"$rows"
}

# likwid OPERATION LEVEL BYTES TEST: its size is that of all arrays together.
likwid() {
	local rate

	rate=$(likwid-bench -t "$4" -w "S0:$(($3 / 1000))kB:1" -s 1 2>/dev/null |
		awk '/^MByte\/s:/ { printf "%.4f", $2 / 1000 }')
	keep "$1" "$2" likwid "likwid-bench $4" "${rate:-gave no rate}"
}

# perf_mem OPERATION LEVEL BYTES FUNCTION FACTOR: bytes a second, counted once; about 0.2 s of work.
perf_mem() {
	local rate loops=$((2000000000 / $3 + 1))

	rate=$($on perf bench -f simple mem "$1" -s "${3}B" -l "$loops" -f "$4" 2>/dev/null |
		awk -v factor="$5" '$1 > 0 { printf "%.4f", $1 * factor / 1e9 }')
	keep "$1" "$2" perf "perf bench mem $1 $4" "${rate:-gave no rate}"
}

mbw_copy() {
	local rate

	rate=$($on mbw -q -n 3 -t 0 $(($2 / 1048576)) 2>/dev/null |
		awk '/^AVG/ { printf "%.4f", $(NF - 1) * 1048576 * 2 / 1e9 }')
	keep memcpy "$1" mbw "mbw memcpy" "${rate:-gave no rate}"
}

# All four loops of STREAM together, at a size that it finds by itself.
stress_stream() {
	local rate

	rate=$($on stress-ng --stream 1 -t 5 --metrics 2>&1 |
		sed -n 's/.*memory rate: \([0-9.]*\) MB read\/sec, \([0-9.]*\) MB write\/sec.*/\1 \2/p' |
		awk '{ printf "%.4f", ($1 + $2) / 1000 }')
	keep triad DRAM stress-ng "stress-ng stream" "${rate:-gave no rate}"
}

has() {
	command -v "$1" >/dev/null
}

round() {
	local size level bytes

	for size in "${levels[@]}"; do
		level=${size%%=*}
		bytes=$(numfmt --from=iec "${size#*=}")
		ours memcpy "$level" "$bytes" memcpy "$copies" random
		ours memset "$level" "$bytes" memset "$sets" random
		ours load "$level" "$bytes" read "$loads" random
		ours triad "$level" "$bytes" stream "$triads" random
		# perf works on zeros, and zeros alone can be faster: like is compared with like.
		ours memcpy-zero "$level" "$bytes" memcpy "$copies" zero
		ours memset-zero "$level" "$bytes" memset "$sets" zero
		if has likwid-bench; then
			for width in $widths; do
				likwid memcpy "$level" $((2 * bytes)) "copy_$width"
				likwid memcpy "$level" $((2 * bytes)) "copy_mem_$width"
				likwid memset "$level" "$bytes" "store_$width"
				likwid memset "$level" "$bytes" "store_mem_$width"
				likwid load "$level" "$bytes" "load_$width"
				likwid triad "$level" $((3 * bytes)) "stream_$width"
				likwid triad "$level" $((3 * bytes)) "stream_mem_$width"
			done
		fi
		if has perf; then
			perf_mem memcpy "$level" "$bytes" default 2
			perf_mem memcpy "$level" "$bytes" x86-64-movsb 2
			perf_mem memset "$level" "$bytes" default 1
			perf_mem memset "$level" "$bytes" x86-64-stosb 1
		fi
		[ "$level" = DRAM ] && has mbw && mbw_copy DRAM "$bytes"
		[ "$level" = DRAM ] && has stress-ng && stress_stream
	done
}

# Our best against each peer's best; a round's ratio is of figures taken within that round.
report() {
	awk -F'\t' '
	function median(name, count,    i, j, x) {
		for (i = 2; i <= count; i++) {
			x = v[name, i]
			for (j = i - 1; j && v[name, j] > x; j--)
				v[name, j + 1] = v[name, j]
			v[name, j + 1] = x
		}
		return v[name, int((count + 1) / 2)]
	}
	function spread(name, count) {
		return 100 * (v[name, count] - v[name, 1]) / v[name, int((count + 1) / 2)]
	}
	$5 !~ /^[0-9]/ { why[$1 " " $2 " " $4] = $5; next }
	{
		key = $1 SUBSEP $2 SUBSEP $3 SUBSEP $4
		if (!(key in n))
			order[++keys] = key
		v[key, ++n[key]] = $5
	}
	END {
		printf "%-7s %-4s  %-30s %7s %6s  %-17s %7s %6s  %5s\n", "what", "at", "peer",
		       "GB/s", "spread", "our best", "GB/s", "spread", "ratio"
		for (k = 1; k <= keys; k++) {
			key = order[k]
			m[key] = median(key, n[key])
			split(key, p, SUBSEP)
			best = p[1] SUBSEP p[2]
			if (p[3] == "ours" && m[key] > m[top[best]])
				top[best] = key
		}
		for (k = 1; k <= keys; k++) {
			key = order[k]
			split(key, p, SUBSEP)
			if (p[3] == "ours")
				continue
			mine = top[(p[3] == "perf" ? p[1] "-zero" : p[1]) SUBSEP p[2]]
			split(mine, q, SUBSEP)
			printf "%-7s %-4s  %-30s %7.2f %5.0f%%  %-17s %7.2f %5.0f%%  %5.2f\n", p[1], p[2],
			       p[4], m[key], spread(key, n[key]), q[4], m[mine],
			       spread(mine, n[mine]), m[mine] / m[key]
		}
		for (w in why)
			printf "%s: %s\n", w, why[w]
	}' "$rows"
}

for kernel in memcpy memset read stream; do
	[ -x "$bin/bench-$kernel" ] || {
		echo "compare-peers: $bin/bench-$kernel is not there: run make first" >&2
		exit 1
	}
done
[[ $rounds =~ ^[1-9][0-9]*$ ]] || {
	echo "compare-peers: ROUNDS is \"$rounds\", not a number from 1 on" >&2
	exit 2
}

copies=libc,rep_movsb,avx2,avx2_nt,avx2_nt_pages
sets=libc,rep_stosb,avx2,avx2_nt
loads=avx2,avx2_pages
triads=triad_avx2,triad_avx2_nt
widths=avx
if grep -qw avx512f /proc/cpuinfo; then
	copies+=,avx512,avx512_nt,avx512_nt_pages
	sets+=,avx512,avx512_nt
	loads+=,avx512
	triads+=,triad_avx512,triad_avx512_nt
	widths="avx avx512"
fi
read -ra levels <<<"${SIZES:-$(sizes | tr '\n' ' ')}"

echo "CPU $cpu, one thread, $rounds rounds, bytes of an array: ${levels[*]}"
echo "Rates are bytes read and written; a spread is (maximum - minimum) / median over the rounds."
for peer in likwid-bench perf mbw stress-ng; do
	has "$peer" || echo "$peer: not installed (make setup-peers installs it)"
done
echo "lat_mem_rd: lmbench is not in Debian's main section"
for ((i = 1; i <= rounds; i++)); do
	echo "round $i of $rounds" >&2
	round
done
report
# A mean over seconds, which is what the peers give, suffers from a busy CPU more than a median of
# batches of milliseconds: such a table says nothing about who is faster.
busy=$(awk '{ print $1 }' /proc/loadavg)
if awk -v load="$busy" -v cpus="$(nproc)" 'BEGIN { exit !(load > cpus / 2 + 1) }'; then
	echo "The machine was busy (load $busy on $(nproc) CPUs): measure again when it is idle."
fi
