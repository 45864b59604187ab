#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# A guest's memory from a memfd begins at an address where no transparent huge page can lie.
#
# seen      November 2026, qemu-system-x86 10.0.2 (backports of Debian 12), 7.2 too
# surprise  QEMU puts a guest's memory of memory-backend-ram at a multiple of 2 MiB, so that Linux can map
#           it by huge pages. For memory-backend-memfd, the usual choice where memory is shared, it
#           settles for a multiple of 4 KiB; here (Linux 6.18) that is one page short of 2 MiB,
#           every time. Huge pages may be allowed everywhere, even for shared memory: such a guest
#           gets none, and nothing says so. Who sets guests with the two beside one another
#           compares page sizes as well.
# sevbench  gives a guest that shall be on transparent huge pages anonymous memory instead, and says of
#           each launch what pages it was really on: vmrun/qemu/argv.c
#
# No guest runs: QEMU makes the machine and stops there, and Linux says where the memory is.
# shellcheck source=findings/lib.sh
. "$(dirname "$0")/lib.sh"

tree=$work/tree
fetch "$tree" "bookworm bookworm-backports" "qemu-system-x86=1:10.0.2+ds-2+deb13u1~bpo12+1"

megabytes=256 tries=4

# start_of PID: where its only mapping of that size begins, in bytes beyond a multiple of 2 MiB
start_of() {
	local range from to
	# In one go: bash reads in pieces, and goes back to where a line began.
	cat "/proc/$1/maps" >"$work/maps"
	while read -r range _; do
		from=$((16#${range%-*})) to=$((16#${range#*-}))
		[ $((to - from)) -ne $((megabytes << 20)) ] || echo $((from % (2 << 20)))
	done <"$work/maps"
}

# aligned BACKEND: in how many of the tries the memory began at a multiple of 2 MiB
aligned() {
	local i wait pid start
	count=0
	for ((i = 0; i < tries; i++)); do
		command_in "$tree" qemu-system-x86_64
		timeout 60 "${command[@]}" -L "$tree/usr/share/qemu" -L "$tree/usr/share/seabios" \
			-accel tcg -nodefaults -no-user-config -display none -S -pidfile "$work/pid" \
			-machine q35,memory-backend=ram -m ${megabytes}M \
			-object "$1,id=ram,size=${megabytes}M" 2>"$work/complaints" &
		# The number of its process is written when the machine is there.
		for ((wait = 0; wait < 300; wait++)); do
			[ ! -s "$work/pid" ] || break
			sleep 0.1
		done
		[ -s "$work/pid" ] || {
			cat "$work/complaints"
			echo "$finding: QEMU with $1 did not come up" >&2
			exit 1
		}
		pid=$(cat "$work/pid")
		start=$(start_of "$pid")
		kill "$pid"
		wait $! || true
		rm -f "$work/pid"
		saw "$1: the memory begins $start bytes behind a multiple of 2 MiB"
		[ "$start" != 0 ] || count=$((count + 1))
	done
}

aligned memory-backend-ram
expect "memory-backend-ram begins at a multiple of 2 MiB, of $tries" $tries $count
aligned memory-backend-memfd,share=on
# By chance it is one in 512.
expect "memory-backend-memfd does so hardly ever" yes "$([ $count -le 1 ] && echo yes || echo "$count of $tries")"
verdict
