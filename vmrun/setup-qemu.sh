#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Unpack another QEMU beside the system's, with every library it needs, from a suite of Debian that
# this machine does not use otherwise, on the mirror that it uses. Nothing is installed. Root is not
# needed; a network is.
#
# usage: setup-qemu.sh [--to-emulate] DIRECTORY BASE SUITE
#
# DIRECTORY  to make; DIRECTORY/qemu-system-x86_64 starts the QEMU in it
# BASE       the Debian release that the suite belongs to, such as trixie
# SUITE      where QEMU comes from, such as trixie-backports
#
# --to-emulate  it is for emulating SEV (vmrun/emulate): nothing is fetched where the machine's own
#               QEMU can do that, and where none is to be had that is said and no failure
set -euo pipefail

# shellcheck source=vmrun/apt-sources.sh
. "${0%/*}/apt-sources.sh"

to_emulate=
if [ "${1:-}" = --to-emulate ]; then
	to_emulate=yes
	shift
fi
[ $# -eq 3 ] || { echo "usage: setup-qemu.sh [--to-emulate] DIRECTORY BASE SUITE" >&2; exit 2; }
directory=$1 base=$2 suite=$3
partial=$directory.partial

# Those that vmrun/launch/plan_emulate.c takes.
own_qemu_emulates() {
	local version
	version=$(qemu-system-x86_64 --version 2>/dev/null | head -n 1) || return 1
	[[ $version =~ version\ 1[01]\. ]]
}

no_qemu() {
	rm -rf "$partial"
	if [ -z "$to_emulate" ]; then
		echo "setup-qemu: $1" >&2
		exit 1
	fi
	echo "setup-qemu: everything works but emulating SEV, which needs QEMU 10 or 11: $1" >&2
	exit 0
}

if [ -x "$directory/qemu-system-x86_64" ]; then
	echo "setup-qemu: $directory is there"
	exit 0
fi
if [ -n "$to_emulate" ] && own_qemu_emulates; then
	echo "setup-qemu: nothing to do, this machine's own QEMU can emulate SEV"
	exit 0
fi
rm -rf "$partial"
apt=$partial/apt
why=$(apt_apart "$apt" "$base" "$suite" 2>&1) || no_qemu "$why"
echo "setup-qemu: fetching QEMU of $suite for $directory"
APT_CONFIG=$apt/apt.conf apt-get -qq -y install --download-only qemu-system-x86 </dev/null ||
	no_qemu "the packages of $suite cannot be fetched"
for package in "$apt"/archives/*.deb; do
	dpkg-deb -x "$package" "$partial"
done
rm -rf "$apt"

# Started by its own dynamic linker: its C library may be newer than this machine's.
cat >"$partial/qemu-system-x86_64" <<'EOF'
#!/bin/sh
here=$(dirname "$(realpath "$0")")
for lib in "$here/lib" "$here/usr/lib"; do
	[ ! -e "$lib/x86_64-linux-gnu/ld-linux-x86-64.so.2" ] || linker=$lib/x86_64-linux-gnu/ld-linux-x86-64.so.2
done
export QEMU_MODULE_DIR="$here/usr/lib/x86_64-linux-gnu/qemu"
exec "$linker" --library-path "$here/lib/x86_64-linux-gnu:$here/usr/lib/x86_64-linux-gnu" \
	"$here/usr/bin/qemu-system-x86_64" -L "$here/usr/share/qemu" -L "$here/usr/share/seabios" "$@"
EOF
chmod +x "$partial/qemu-system-x86_64"
"$partial/qemu-system-x86_64" --version
rm -rf "$directory"
mv -T "$partial" "$directory"
