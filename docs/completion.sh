#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Completion for bash and zsh, of what the programs' --help lists.
#
# usage: docs/completion.sh BIN OUT    writes OUT/sevbench (bash) and OUT/_sevbench (zsh)
set -euo pipefail
[ $# -eq 2 ] || { sed -n 's/^# \(usage:\)/\1/p' "$0" >&2; exit 2; }
bin=$1 out=$2
mkdir -p "$out"

# options WORDS...: "--OPTION VALUE" for each that WORDS --help lists; no VALUE where it takes none.
options() {
	"$bin/$1" "${@:2}" --help | sed -n 's/^  \(-[a-z], \)\{0,1\}\(--[a-z0-9-]*\) \{0,1\}\([A-Z][A-Z/=]*\)\{0,1\}.*/\2 \3/p'
}
commands() {
	"$bin/$1" --help | sed -n 's/^  \([a-z]\+\)  .*/\1/p'
}
# What can stand for a value.
values() {
	case $1 in
	FILE) echo @file ;;
	DIR | DIRECTORY | RESULTS) echo @directory ;;
	MODE | PLATFORM) echo nosev sev sev-es snp native ;;
	ACCEL) echo auto kvm tcg ;;
	PAGES) echo 4k thp 2m 1g ;;
	esac
}
# table WORDS...: what may follow WORDS, and each option of theirs that takes a value
table() {
	local key="$*" option value words list=''
	while read -r option value; do
		list+=" $option"
		words=$(values "$value")
		[ -z "$value" ] || printf "\t['%s %s']='%s'\n" "$key" "$option" "${words:-@none}"
	done < <(options "$@")
	printf "\t['%s']='%s'\n" "$key" "${list# }"
}
all() {
	local program command
	for program in sevbench vmrun; do
		printf "\t['%s']='%s help --help --version'\n" "$program" "$(commands $program | tr '\n' ' ' | sed 's/ $//')"
		printf "\t['%s help']='%s'\n" "$program" "$(commands $program | tr '\n' ' ' | sed 's/ $//')"
		for command in $(commands $program); do table $program "$command"; done
	done
	for program in "$bin"/bench-*; do table "${program##*/}"; done
}
names() { (cd "$bin" && echo sevbench vmrun bench-*); }

body=$(all)
cat >"$out/sevbench" <<EOF
# Made by docs/completion.sh. Completion of sevbench, vmrun and bench-* for bash.
declare -A _sevbench_words=(
$body
)
_sevbench() {
	local current=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD - 1]} key=\${COMP_WORDS[0]##*/} words
	case \$key in
	sevbench | vmrun) [ "\$COMP_CWORD" -lt 2 ] || key+=" \${COMP_WORDS[1]}" ;;
	esac
	words=\${_sevbench_words["\$key \$before"]-\${_sevbench_words["\$key"]-@file}}
	case \$words in
	@none) COMPREPLY=() ;;
	@file) mapfile -t COMPREPLY < <(compgen -f -- "\$current") ;;
	@directory) mapfile -t COMPREPLY < <(compgen -d -- "\$current") ;;
	*)
		mapfile -t COMPREPLY < <(compgen -W "\$words" -- "\$current")
		[ "\${#COMPREPLY[@]}" -ne 0 ] || mapfile -t COMPREPLY < <(compgen -f -- "\$current")
		;;
	esac
}
complete -o filenames -F _sevbench $(names)
EOF
cat >"$out/_sevbench" <<EOF
#compdef $(names)
# Made by docs/completion.sh. Completion of sevbench, vmrun and bench-* for zsh.
typeset -gA _sevbench_words=(
$(printf '%s\n' "$body" | sed "s/^\t\[\('[^']*'\)\]=/\t\1 /")
)
local key=\${words[1]:t} before=\$words[CURRENT-1] found
case \$key in
sevbench | vmrun) (( CURRENT < 3 )) || key+=" \$words[2]" ;;
esac
found=\${_sevbench_words[\$key \$before]-\${_sevbench_words[\$key]-@file}}
case \$found in
@none) ;;
@file) _files ;;
@directory) _files -/ ;;
*) compadd -- \${=found} || _files ;;
esac
EOF
