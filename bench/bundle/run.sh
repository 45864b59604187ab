#!/bin/sh
# SPDX-License-Identifier: MIT
# Starts what is in this folder. README has the steps.
#
# Shell builtins only: the machine may have nothing else. The dynamic linker is called by its name, so that neither the
# machine's C library nor its version matters.
case $0 in */*) here=${0%/*} ;; *) here=. ;; esac

# start PROGRAM [WORD]...
start() {
	program=$here/bin/$1
	shift
	"$here/lib/ld-linux-x86-64.so.2" --library-path "$here/lib" "$program" "$@"
	status=$?
	[ $status -ne 126 ] ||
		echo "$0: nothing can be executed from $here: unpack it where that is not forbidden (noexec)" >&2
	return $status
}

usage() {
	echo "usage: $0 quick|full [OPTION]...    measure this machine; results go to results/ in the folder you are in"
	echo "       $0 compare RESULTS...        slower, faster or the same, cell by cell; also report, export, plot"
	echo "       $0 KERNEL [OPTION]...        one kernel by itself: --list and --help say what it can"
	echo "       $0 sevbench COMMAND...       any command of sevbench, such as run --resume DIRECTORY"
	echo "The kernels are:"
	for file in "$here"/bin/bench-*; do echo "  ${file##*/bench-}"; done
	echo "README says what to do with them."
}

case ${1-} in
'' | --help | -h)
	usage
	;;
quick | full)
	suite=$1
	shift
	start sevbench run --suite "$suite" --platforms here "$@"
	;;
compare | report | export | plot)
	start sevbench "$@"
	;;
sevbench)
	start "$@"
	;;
*)
	if ! [ -f "$here/bin/bench-$1" ]; then
		echo "$0: there is no kernel or command '$1'; $0 --help lists them" >&2
		exit 2
	fi
	kernel=$1
	shift
	start "bench-$kernel" "$@"
	;;
esac
