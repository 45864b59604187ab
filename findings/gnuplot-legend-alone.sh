#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# gnuplot refuses to draw a legend by itself, over an axis that nobody asked for.
#
# seen      November 2026, gnuplot-nox 5.4.4 (Debian 12), 6.0.2 (Debian 13) too
# surprise  `keyentry` puts a line into the legend that belongs to no data, and with both axes' ranges
#           given there is nothing left to be found out from data. A plot of nothing but such entries
#           ends in a message about the second x axis all the same, and exit status 1. One more
#           curve helps, although that one has not a single point: NaN.
# sevbench  draws the one legend of a picture of many panels as a plot of its own, and puts that NaN
#           behind the entries: analysis/show/chart_script.c
# shellcheck source=findings/lib.sh
. "$(dirname "$0")/lib.sh"

tree=$work/tree
fetch "$tree" bookworm gnuplot-nox=5.4.4+dfsg1-2+b2

# draw PLOT: its exit status, what gnuplot said in $said
draw() {
	printf '%s\n' 'set terminal svg' "set output '$work/legend.svg'" 'set xrange [0:1]' 'set yrange [0:1]' \
		"plot $1" >"$work/legend.gp"
	status=0
	said=$(run_in "$tree" gnuplot-nox "$work/legend.gp" 2>&1) || status=$?
	saw "plot $1"
	[ -z "$said" ] || sed '/^[[:space:]]*$/d; s/^/        /' <<<"$said"
}

draw "keyentry with lines title 'one'"
expect "exit status of an entry alone" 1 $status
expect "it speaks of a second x axis" yes "$(grep -q SECOND_X_AXIS <<<"$said" && echo yes || echo no)"
draw "keyentry with lines title 'one', NaN notitle"
expect "exit status with a curve that has no point" 0 $status
expect "the entry is drawn" yes "$(grep -q '>one<' "$work/legend.svg" && echo yes || echo no)"
verdict
