#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The manual pages, of what the programs say themselves: --help is the one text that says what an option
# does, here it is set as a page. Pages of file formats are docs/*.5.
#
# usage: docs/man.sh BIN OUT    BIN holds the programs; pages go to OUT/man1 and OUT/man5
set -euo pipefail
[ $# -eq 2 ] || { sed -n 's/^# \(usage:\)/\1/p' "$0" >&2; exit 2; }
bin=$1 out=$2
version=$("$bin/sevbench" --version)

# What --help prints, as roff.
page() {
	awk '
	function text(s) {
		gsub(/\\/, "\\e", s)
		gsub(/-/, "\\-", s)
		sub(/^[.\047]/, "\\\\\\&&", s)
		return s
	}
	function head(name) {
		if (name == section)
			return
		section = name
		print ".SH " name
	}
	# "-o, --out FILE": what is typed is bold, what it stands for is not.
	function option(s,    word, n, i, line) {
		n = split(s, word, " ")
		for (i = 1; i <= n; i++)
			line = line (i > 1 ? " " : "") (word[i] ~ /^-/ ? "\\fB" text(word[i]) "\\fR" : "\\fI" text(word[i]) "\\fR")
		print ".TP\n" line
	}
	/^usage:/ || (section == "SYNOPSIS" && /^       [a-z]/) {
		first = /^usage:/
		head("SYNOPSIS")
		sub(/^(usage:)? */, "")
		if (!first)
			print ".br"
		print text($0)
		next
	}
	/^$/ { if (section != "" && section != "SYNOPSIS") blank = 1; in_list = 0; next }
	/^  -/ {
		head("OPTIONS")
		blank = 0
		sub(/^  /, "")
		if (match($0, /  +/)) {
			option(substr($0, 1, RSTART - 1))
			print text(substr($0, RSTART + RLENGTH))
		} else
			option($0)
		in_list = 1
		next
	}
	/^  [a-z]+  / {
		head("COMMANDS")
		blank = 0
		name = $1
		sub(/^ *[^ ]+ +/, "")
		print ".TP\n\\fB" name "\\fR\n" text($0)
		next
	}
	in_list && /^   / { sub(/^ +/, ""); print text($0); next }
	/^[A-Z][a-z]*:$/ { sub(/:$/, ""); print ".SS " $0; blank = 0; next }
	{
		if (match($0, /Exit status: /)) {
			if (RSTART > 1) {
				head("NOTES")
				print text(substr($0, 1, RSTART - 1))
			}
			head("EXIT STATUS")
			$0 = substr($0, RSTART + RLENGTH)
		} else if (section == "SYNOPSIS")
			head("DESCRIPTION")
		else if (section == "OPTIONS" || section == "COMMANDS")
			head("NOTES")
		else if (blank)
			print ".PP"
		blank = 0
		print text($0)
	}'
}

# top NAME SUMMARY
top() {
	printf '.\\" Made by docs/man.sh of what the program says.\n.TH %s 1 "" "%s" "sevbench"\n' "${1^^}" "$version"
	printf '.SH NAME\n%s \\- %s\n' "$1" "$2"
}

# see OTHER...: each NAME(SECTION)
see() {
	local line='' other
	for other; do
		line+=${line:+, }"\\fB${other%(*}\\fR(${other#*(}"
	done
	printf '.SH SEE ALSO\n%s\n' "$line"
}

mkdir -p "$out/man1" "$out/man5"
kernels=()
for program in "$bin"/bench-*; do kernels+=("${program##*/}"); done

commands() {
	"$bin/$1" --help | sed -n 's/^  \([a-z]\+\)  */\1 /p'
}

{
	top sevbench "what AMD SEV, SEV\\-ES and SEV\\-SNP cost in memory and in world switches"
	"$bin/sevbench" --help | page
	see "sevbench-run(1)" "sevbench-compare(1)" "sevbench-report(1)" "vmrun(1)" "bench-kernel(1)" \
		"sevbench-samples(5)" "sevbench-summary(5)" "sevbench-manifest(5)"
} >"$out/man1/sevbench.1"
{
	top vmrun "launch a guest, plain or encrypted, and run a command in it"
	"$bin/vmrun" --help | page
	see "vmrun-doctor(1)" "vmrun-exec(1)" "vmrun-argv(1)" "sevbench(1)" "vmrun-report(5)"
} >"$out/man1/vmrun.1"
for program in sevbench vmrun; do
	while read -r command summary; do
		{
			top "$program-$command" "${summary//-/\\-}"
			"$bin/$program" "$command" --help | page
			see "$program(1)"
		} >"$out/man1/$program-$command.1"
	done < <(commands $program)
done

# One page for all kernels: the options, which are the same, and of each what it measures.
{
	top bench-kernel "measure one kernel, natively or in any guest"
	"$bin/${kernels[0]}" --help | sed "s/${kernels[0]}/bench-KERNEL/; 3d" | page
	printf '.SH KERNELS\n'
	for program in "${kernels[@]}"; do
		printf '.TP\n\\fB%s\\fR\n' "${program//-/\\-}"
		"$bin/$program" --help | sed -n '3{s/\\/\\e/g; s/-/\\-/g; p}'
		printf 'Variants:\n'
		"$bin/$program" --list | sed -n '/^variants/,/^[^ v]/{s/^  \([^ ]*\).*/\1/p}' | paste -sd, | sed 's/,/, /g; s/-/\\-/g; s/$/./'
	done
	see "sevbench(1)" "sevbench-samples(5)"
} >"$out/man1/bench-kernel.1"
for program in "${kernels[@]}"; do
	printf '.so man1/bench-kernel.1\n' >"$out/man1/$program.1"
done
for format in docs/*.5; do
	sed "s/@VERSION@/$version/" "$format" >"$out/man5/${format##*/}"
done
