#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Unpack another QEMU beside the system's, with every library it needs, from a suite of Debian that
# this machine does not use otherwise, on the mirror that it uses. Nothing is installed. Root is not
# needed; a network is.
#
# usage: setup-qemu.sh DIRECTORY BASE SUITE
#
# DIRECTORY  to make; DIRECTORY/qemu-system-x86_64 starts the QEMU in it
# BASE       the Debian release that the suite belongs to, such as trixie
# SUITE      where QEMU comes from, such as trixie-backports
set -euo pipefail

# shellcheck source=vmrun/apt-sources.sh
. "${0%/*}/apt-sources.sh"

[ $# -eq 3 ] || { echo "usage: setup-qemu.sh DIRECTORY BASE SUITE" >&2; exit 2; }
directory=$1 base=$2 suite=$3
partial=$directory.partial
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

if [ -x "$directory/qemu-system-x86_64" ]; then
	echo "setup-qemu: $directory is there"
	exit 0
fi
for need in apt-get dpkg-deb "$keyring"; do
	command -v "$need" >/dev/null || [ -e "$need" ] || {
		echo "setup-qemu: this needs Debian's $need" >&2
		exit 1
	}
done

mirror=$(apt_mirror 2>&1) || { echo "setup-qemu: $mirror" >&2; exit 1; }

# An apt of its own: own lists and cache, and a status file that says that nothing is installed, so
# that the libraries come along.
rm -rf "$partial"
mkdir -p "$partial/apt/lists/partial" "$partial/apt/archives/partial" "$partial/apt/parts"
apt=$(realpath "$partial/apt")
: >"$apt/status"
for part in "$base" "$suite"; do
	echo "deb [signed-by=$keyring] $mirror $part main"
done >"$apt/sources.list"
cat >"$apt/apt.conf" <<EOF
Dir::State "$apt";
Dir::State::status "$apt/status";
Dir::Cache "$apt";
Dir::Etc::sourcelist "$apt/sources.list";
Dir::Etc::sourceparts "$apt/parts";
Dir::Etc::preferencesparts "$apt/parts";
APT::Sandbox::User "root";
APT::Install-Recommends "false";
Acquire::Languages "none";
EOF
export APT_CONFIG=$apt/apt.conf

echo "setup-qemu: fetching QEMU of $suite for $directory"
apt-get -qq -o APT::Update::Error-Mode=any update || {
	echo "setup-qemu: this machine's mirror of Debian does not have $base and $suite" >&2
	exit 1
}
apt-get -qq -y -t "$suite" install --download-only qemu-system-x86 </dev/null
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
