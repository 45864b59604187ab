#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Completion: what is offered after some words, in bash; that zsh can read its own.
# shellcheck source=tests/tap.sh
. "${0%/*}/../tap.sh"

bin=${SEVBENCH_BIN:-$PWD/build/bin}
check "completion is made" exits 0 docs/completion.sh "$bin" "$scratch/completion"
# shellcheck source=/dev/null
. "$scratch/completion/sevbench"

# offers WANTED WORD...: the last WORD is what is being typed
offers() {
	local wanted=$1
	shift
	COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
	_sevbench
	printf '%s\n' "${COMPREPLY[@]}"
	[[ $wanted == "${COMPREPLY[*]}" ]]
}

check "a command" offers "compare" sevbench com
check "a command of vmrun" offers "doctor" vmrun d
check "a program called by its path" offers "doctor" /usr/bin/vmrun d
check "help of a command" offers "neighbours" sevbench help n
check "an option" offers "--platforms" sevbench run --pl
check "... of that command alone" offers "" sevbench list --pl
check "an option of a kernel" offers "--variant" bench-memcpy --va
check "words for a value" offers "kvm" vmrun exec --accel k
check "nothing for a number" offers "" sevbench run --rounds ""
mkdir -p "$scratch/files/folder"
touch "$scratch/files/file"
check "files" offers "$scratch/files/file" vmrun argv --firmware "$scratch/files/fi"
check "folders alone" offers "$scratch/files/folder" sevbench run --out "$scratch/files/f"
check "files where no word fits" offers "$scratch/files/file" sevbench compare "$scratch/files/fi"
for program in "$bin"/{sevbench,vmrun,bench-*}; do
	check "${program##*/} is completed" complete -p "${program##*/}"
done

if command -v zsh >/dev/null; then
	check "zsh reads it" zsh -n "$scratch/completion/_sevbench"
else
	skip "zsh -n" "zsh is not installed: make setup-tests"
fi

done_testing
