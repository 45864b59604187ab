#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# What the scripts of this folder share; each sources it. A temporary folder that goes away at the
# end ($work), public packages unpacked in it, and the verdict.
#
# need COMMAND...           skip where the machine lacks one
# fetch TREE SUITES PACKAGE=VERSION...
#                           unpack packages and what they depend on in TREE; SUITES are Debian's,
#                           "bookworm bookworm-backports", the last one first in rank
# run_in TREE PROGRAM [ARGUMENT...]
#                           run usr/bin/PROGRAM of TREE, or a path in it, on TREE's own libraries
# command_in TREE PROGRAM   the same command, not run, in the array $command
# saw TEXT                  print what was seen
# expect WHAT WANTED GOT    note whether it is as stated
# skip REASON               it cannot be shown here: exit status 77
# verdict                   exit status 0: all as stated; 1: something is not
set -euo pipefail
export LC_ALL=C
# shellcheck source=vmrun/apt-sources.sh
. "$(dirname "${BASH_SOURCE[0]}")/../vmrun/apt-sources.sh"

finding=${0##*/}
finding=${finding%.sh}
changed=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
export HOME=$work

skip() {
	echo "$finding: skipped: $*" >&2
	exit 77
}

need() {
	local command
	for command in "$@"; do
		PATH=$PATH:/usr/sbin:/sbin command -v "$command" >/dev/null || skip "this machine has no $command"
	done
}

saw() {
	printf '    %s\n' "$@"
}

expect() {
	if [ "$2" = "$3" ]; then
		printf 'as stated  %s: %s\n' "$1" "$2"
	else
		printf 'CHANGED    %s: %s, not %s\n' "$1" "$3" "$2"
		changed=1
	fi
}

verdict() {
	[ $changed -eq 0 ] || echo "$finding: this is no longer what is stated here" >&2
	exit $changed
}

# --- packages ---------------------------------------------------------------------------------------

fetch() {
	local tree=$1 suites=$2 apt=$work/apt-${1##*/} wanted known why
	shift 2
	need apt-cache
	# shellcheck disable=SC2086 # several suites
	why=$(apt_apart "$apt" $suites 2>&1) || skip "$why"
	mkdir -p "$tree"
	for wanted in "$@"; do
		known=$(APT_CONFIG=$apt/apt.conf apt-cache madison "${wanted%%=*}" | awk '{ print $3 }')
		grep -qxF -- "${wanted#*=}" <<<"$known" ||
			skip "the mirror no longer has ${wanted%%=*} ${wanted#*=}, which this is about"
	done
	APT_CONFIG=$apt/apt.conf apt-get -qq -y install --download-only "$@" \
		>"$apt/log" 2>&1 </dev/null || skip "apt-get cannot fetch $*: $(tail -n 1 "$apt/log")"
	for wanted in "$apt"/archives/*.deb; do
		dpkg-deb -x "$wanted" "$tree"
	done
	rm -rf "$apt"
	echo "$finding: ${*//=/ } (Debian: $suites)"
}

# command_in TREE PROGRAM: how to run it, as the array $command. By the tree's own dynamic linker: its C
# library may be newer than this machine's.
command_in() {
	local tree=$1 program=$2 lib linker=
	[[ $program == */* ]] || program=usr/bin/$program
	for lib in "$tree/lib" "$tree/usr/lib"; do
		[ ! -e "$lib/x86_64-linux-gnu/ld-linux-x86-64.so.2" ] || linker=$lib/x86_64-linux-gnu/ld-linux-x86-64.so.2
	done
	command=(env "QEMU_MODULE_DIR=$tree/usr/lib/x86_64-linux-gnu/qemu" "$linker" --library-path
		"$tree/lib/x86_64-linux-gnu:$tree/usr/lib/x86_64-linux-gnu" --argv0 "${program##*/}" "$tree/$program")
}

run_in() {
	local command
	command_in "$1" "$2"
	"${command[@]}" "${@:3}"
}
