#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# `sevbench run --margin`: pilot rounds, then as many more of each cell as find that much.
# shellcheck source=tests/tap.sh
. "${0%/*}/../tap.sh"

sevbench=${SEVBENCH_BIN:-$PWD/build/bin}/sevbench
cat >"$scratch/some.suite" <<'EOF'
rounds 2
default --samples 5 --batch-us 300 --warmup-us 300
kernel cpuid --variant 0x0
kernel syscall
EOF
run=("$sevbench" run --suite "$scratch/some.suite" --platforms native --cooldown 0)

# Rounds of each cell, smallest and largest, and how many cells: "5 9 3".
rounds() {
	awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
		{ seen[$at["kernel"] "/" $at["variant"], $at["round"]] = 1 }
		END {
			for (one in seen) { split(one, part, SUBSEP); n[part[1]]++ }
			for (cell in n) {
				cells++
				if (!least || n[cell] < least) least = n[cell]
				if (n[cell] > most) most = n[cell]
			}
			print least, most, cells
		}' "$1"
}
further() {
	sed -n '/"further": \[/,/^    \]/p' "$1/manifest.json"
}

check "the plan" exits 0 "${run[@]}" --margin 3% --dry-run
check "... has the pilot's rounds" grep -q ', 5 rounds, guests' "$scratch/out"
check "... and what comes then" grep -q 'as find a difference of 3 % with power 95 %.* up to 100 in all$' "$scratch/out"
check "... and when not" exits 0 "${run[@]}" --margin 0.5 --power 80 --rounds 20 --time-limit 600 --dry-run
check "... in the same sentence" grep -q \
	'a difference of 0.5 % with power 80 %.* up to 20 in all, none of which begins after 600 s$' "$scratch/out"
check "a plan without it has no such sentence" exits 0 "${run[@]}" --dry-run
check "... but that its rounds are few" says '2 rounds: intervals may be believed from 5 rounds on'
check "... and not the other" test -z "$(grep 'as find a difference' "$scratch/out")"

check "--power alone" exits 2 "${run[@]}" --power 90
check "... goes with --margin" says '--power goes with --margin'
check "--time-limit alone" exits 2 "${run[@]}" --time-limit 90
check "... goes with --margin" says '--time-limit goes with --margin'
check "fewer rounds than a pilot" exits 2 "${run[@]}" --margin 3 --rounds 4
check "... are refused" says 'every cell has 5 rounds'
check "a margin that is none" exits 2 "${run[@]}" --margin three
check "... is said to be none" says '--margin three is no percentage'
check "a margin of nothing" exits 2 "${run[@]}" --margin 0
check "... is too small" says 'give a difference from 0.1 to 100 percent'


# A margin so small that every cell takes all that it may have.
check "a run of two stages" exits 0 "${run[@]}" --margin 0.1 --rounds 8 --out "$scratch/whole"
check "... says what the pilot came to" grep -q '5 rounds of every cell are measured; to find a difference of 0.1 %, 9 more measurements of cells are planned$' \
	"$scratch/out"
check "... and which cells are out of reach, and why" grep -qE \
	'  syscall/getppid on native: the scatter of (rounds|samples), for which [0-9]+ would do' "$scratch/out"
check "... measures its rounds" test "$(rounds "$scratch/whole/samples.csv")" = "8 8 3"
check "... and its manifest has the design" grep -q '"pilot": 5' "$scratch/whole/manifest.json"
check "... with the cells that get more" test "$(further "$scratch/whole" | grep -c '"rounds": 8')" = 3

# interrupted LINES: a run that ends behind so many lines of its journal, and one that goes on
interrupted() {
	local run_dir=$scratch/behind-$1 child i
	"${run[@]}" --margin 0.1 --rounds 12 --out "$run_dir" >/dev/null 2>&1 &
	child=$!
	for ((i = 0; i < 1200; i++)); do
		[ "$({ wc -l <"$run_dir/.journal"; } 2>/dev/null || echo 0)" -lt "$1" ] || break
		sleep 0.02
	done
	kill -KILL $child
	wait $child 2>/dev/null
	further "$run_dir" >"$scratch/before"
	check "behind $1 lines: the run goes on" exits 0 "$sevbench" run --resume "$run_dir"
	check "... to all of its rounds" test "$(rounds "$run_dir/samples.csv")" = "12 12 3"
	check "... with its design" test "$(grep -c '"pilot"' "$run_dir/manifest.json")" = 1
}
interrupted 7
check "... settled by the run that went on" grep -q 'rounds of every cell are measured' "$scratch/out"
check "... and not before" test ! -s "$scratch/before"
interrupted 26
check "... settled before, as it was" diff "$scratch/before" <(further "$scratch/behind-26")
check "... and not once more" test -z "$(grep 'rounds of every cell are measured' "$scratch/out")"
cp -r "$scratch/behind-26" "$scratch/lies"
sed -i 's/"state": "complete"/"state": "interrupted"/; s/"rounds": 12/"rounds": 13/' "$scratch/lies/manifest.json"
check "a manifest that plans more than it may" exits 2 "$sevbench" run --resume "$scratch/lies"
check "... is refused" says 'more of them than it may have'

check "a limit on time" exits 0 "${run[@]}" --margin 0.1 --time-limit 1 --out "$scratch/cut"
check "... is kept" grep -q '1 seconds have passed (--time-limit): no further round begins' "$scratch/out"
read -r least most cells <<<"$(rounds "$scratch/cut/samples.csv")"
check "... once the pilot is measured" test "$least" -ge 5 -a "$most" -lt 100 -a "$cells" = 3
check "... and the manifest says so" grep -q '"cut": true' "$scratch/cut/manifest.json"

# Runs of different rounds are compared, each by the scatter of its pilot.
check "two of them" exits 0 "$sevbench" compare "$scratch/whole" --against "$scratch/cut" --csv "$scratch/both.csv"
check "... of what was planned" grep -q 'A difference of 0.1 %, for which rounds were planned,' "$scratch/out"
check "... with a column of what each cell finds" grep -q ",samples_share,finds,scatter," "$scratch/both.csv"
check "a table of them" exits 0 "$sevbench" report "$scratch/whole"
sed -i 's/"pilot": 5/"pilot": 0/' "$scratch/whole/manifest.json"
check "a design that is none" exits 1 "$sevbench" compare "$scratch/whole" --against "$scratch/cut"
check "... is named" says 'a design without the rounds of its pilot'

done_testing
