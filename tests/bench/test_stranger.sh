#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Results from a stranger: links in them lead nowhere, pipes and devices are not waited for, names reach neither the
# terminal nor gnuplot as anything but text, and no program of theirs is started.
# shellcheck source=tests/tap.sh
. "${0%/*}/../tap.sh"

bin=$(realpath "${SEVBENCH_BIN:-build/bin}")
sevbench=$bin/sevbench
header=schema,run,round,platform,accel,kernel,variant,size,threads,series,sample,iterations,ns,status,reason,unit

# results DIRECTORY KERNEL [REASON]: two platforms, two sizes, two samples each, and one that was skipped.
results() {
	local platform size sample
	mkdir -p "$1"
	{
		echo $header
		for platform in native,none nosev,kvm; do
			for size in 4096 65536; do
				for sample in 0 1; do
					echo "1,r,1,$platform,\"$2\",v,$size,1,op,$sample,10,100$sample,ok,,latency"
				done
			done
		done
		echo "1,r,1,snp,kvm,\"$2\",v,4096,1,op,,,,skipped,\"${3-none here}\",latency"
	} >"$1/samples.csv"
}

# Nothing in what the last command of exits printed moves a terminal.
is_plain() {
	! LC_ALL=C grep -aqP '[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\x8e\x8f\xa8-\xae]|\xe2\x81[\xa6-\xa9]' "$scratch/out" || {
		od -c "$scratch/out" | head -n 40
		return 1
	}
}

# Names: an ESC, a C1 control in two bytes and in one, an override of the direction, what is no UTF-8.
results "$scratch/names" $'k\e[1m \xc2\x9b1m \x9b1m \xe2\x80\xaex' $'why\e[1m \xff\xfe'
for command in compare "compare --table" "export --wide"; do
	# shellcheck disable=SC2086
	check "$command of odd names" exits 0 timeout 60 "$sevbench" $command "$scratch/names"
	check "... is plain" is_plain
done
mkdir "$scratch/bad"
printf '%s\n1,r,1,\e[1mmars,none,k,v,1,1,op,0,1,1,ok,,latency\n' $header >"$scratch/bad/samples.csv"
check "a bad field is quoted" exits 1 "$sevbench" compare "$scratch/bad"
check "... plainly" is_plain
check "... with file and line" says "bad/samples.csv: line 2: platform is "
check "a command that is none" exits 2 "$sevbench" $'\e[1mx'
check "... is told plainly" is_plain

# What is no file.
pipes() {
	local what=$1
	shift
	check "$what: compare" exits 1 timeout 20 "$sevbench" compare "$@"
	check "$what: against" exits 1 timeout 20 "$sevbench" compare --against "$@" "$scratch/names"
	check "$what: report" exits 1 timeout 20 "$sevbench" report "$@"
	check "$what: export" exits 1 timeout 20 "$sevbench" export --wide "$@"
	check "$what: plot" exits 1 timeout 20 "$sevbench" plot "$@"
	check "$what: says it" says "$scratch"
}
mkdir "$scratch/pipe" "$scratch/zero" "$scratch/folder"
mkfifo "$scratch/pipe/samples.csv"
ln -s /dev/zero "$scratch/zero/samples.csv"
mkdir "$scratch/folder/samples.csv"
pipes "a pipe" "$scratch/pipe"
pipes "a device without end" "$scratch/zero"
pipes "a directory" "$scratch/folder"
results "$scratch/manifest" k
mkfifo "$scratch/manifest/manifest.json"
pipes "a pipe as manifest" "$scratch/manifest"
check "a pipe as manifest: resume" exits 2 timeout 20 "$sevbench" run --resume "$scratch/manifest"

# Files of somebody's, to which links in the results lead.
results "$scratch/links" k
echo "<title>sevbench report</title> mine" >"$scratch/mine.html"
mkdir "$scratch/mine"
cp "$scratch/mine.html" "$scratch/before.html"
untouched() { cmp "$scratch/mine.html" "$scratch/before.html" && [ -z "$(ls "$scratch/mine")" ]; }
if command -v gnuplot >/dev/null; then
	ln -s ../mine.html "$scratch/links/report.html"
	check "a link as report.html" exits 1 "$sevbench" report "$scratch/links"
	check "... is told" says "report.html is a symbolic link, and is not followed"
	check "... also with --force" exits 1 "$sevbench" report --force "$scratch/links"
	mv "$scratch/links/report.html" "$scratch/links/report.html.partial"
	check "a link as report.html.partial" exits 1 "$sevbench" report "$scratch/links"
	rm "$scratch/links/report.html.partial"
	ln -s ../mine "$scratch/links/plots"
	check "a link as plots" exits 1 "$sevbench" report "$scratch/links"
	check "... is told" says "plots is a symbolic link, and is not followed"
	check "... to plot too" exits 1 "$sevbench" plot "$scratch/links"
	check "... with no half page" test ! -e "$scratch/links/report.html" -a ! -e "$scratch/links/report.html.partial"
	rm "$scratch/links/plots"
	mkdir "$scratch/links/plots"
	ln -s ../../mine.html "$scratch/links/plots/overview.svg"
	check "a link as a picture" exits 1 "$sevbench" plot "$scratch/links"
	rm "$scratch/links/plots/overview.svg"
	check "nobody's files are touched" untouched
	check "without links it is drawn" exits 0 "$sevbench" report "$scratch/links"

	# Programs: the directory holds its own gnuplot, and PATH elements that mean wherever one stands.
	results "$scratch/program" k
	mkdir "$scratch/program/plots"
	for where in "$scratch/program" "$scratch/program/plots"; do
		printf '#!/bin/sh\necho started >"%s/started"\n' "$scratch" >"$where/gnuplot"
		chmod +x "$where/gnuplot"
	done
	printf 'system("touch %s/started")\n' "$scratch" >"$scratch/program/plots/.gnuplot"
	for path in ":$PATH" ".:$PATH" "plots:$PATH"; do
		(cd "$scratch/program" && PATH=$path exits 0 "$sevbench" plot .) >"$scratch/said" 2>&1
		check "PATH=${path%%/*}... draws" test $? -eq 0
	done
	check "no program of a stranger's was started" test ! -e "$scratch/started"

	# Names of kernels as gnuplot sees them.
	for name in -persist "-e x" "it's" "\$(x)" "\`x\`" "a;b"; do
		results "$scratch/name" "$name"
		check "a kernel '$name' is drawn" exits 0 timeout 60 "$sevbench" plot "$scratch/name"
	done
	check "odd names are drawn" exits 0 timeout 60 "$sevbench" report "$scratch/names"
	cat "$scratch/names/plots"/*.svg "$scratch/names/plots"/*.gp "$scratch/names/report.html" >"$scratch/out"
	check "... plainly" is_plain
	check "... as UTF-8" iconv -f UTF-8 -t UTF-8 -o /dev/null "$scratch/out"
	check "no picture begins like an option" bash -c "! ls '$scratch/name/plots' | grep -q ^-"
else
	skip "links, programs and names" "gnuplot is not installed: make setup"
fi

if [ "$(id -u)" -eq 0 ]; then
	results "$scratch/others" k
	chown -R 12345 "$scratch/others"
	check "another user's results are compared" exits 0 "$sevbench" compare "$scratch/others"
	check "... and nothing is written into them" exits 1 "$sevbench" report "$scratch/others"
	check "... but elsewhere" says "name a place of your own with --out"
	check "... nor by plot" exits 1 "$sevbench" plot "$scratch/others"
	check "... nor anything left there" test "$(ls "$scratch/others")" = samples.csv
	if command -v gnuplot >/dev/null; then
		mkdir "$scratch/own"
		check "... as said" exits 0 "$sevbench" report --out "$scratch/own/page.html" "$scratch/others"
	fi
else
	skip "another user's results" "only root can give a directory away"
fi

done_testing
