#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Unpack the OVMF of a later Debian beside the system's, for guests with SEV-SNP: Debian 12's stores
# into pages before it has validated them, of which an SNP guest dies (edk2 pull request 6285 mended
# that, in edk2-stable202411). Nothing is installed. Root is not needed; a network is.
#
# usage: setup-ovmf.sh DIRECTORY SUITE
#
# DIRECTORY  to make; DIRECTORY/OVMF.fd is the image
# SUITE      of Debian, such as trixie
set -euo pipefail

# shellcheck source=vmrun/apt-sources.sh
. "${0%/*}/apt-sources.sh"

[ $# -eq 2 ] || { echo "usage: setup-ovmf.sh DIRECTORY SUITE" >&2; exit 2; }
directory=$1 suite=$2
partial=$directory.partial

if [ -f "$directory/OVMF.fd" ]; then
	echo "setup-ovmf: $directory is there"
	exit 0
fi

# Everything but SNP works without: what is there is used, and vmrun doctor says what it is.
no_ovmf() {
	rm -rf "$partial"
	echo "setup-ovmf: SNP guests get the system's OVMF: $1" >&2
	exit 0
}

rm -rf "$partial"
why=$(apt_apart "$partial/apt" "$suite" 2>&1) || no_ovmf "$why"
echo "setup-ovmf: fetching OVMF of $suite for $directory"
(cd "$partial" && APT_CONFIG=$PWD/apt/apt.conf apt-get -qq download ovmf) ||
	no_ovmf "the package of $suite cannot be fetched"
dpkg-deb -x "$partial"/ovmf_*.deb "$partial/unpacked"
mv "$partial/unpacked/usr/share/ovmf/OVMF.fd" "$partial/OVMF.fd"
cp "$partial/unpacked/usr/share/doc/ovmf/copyright" "$partial/"
basename "$partial"/ovmf_*.deb .deb | tr _ ' ' >"$partial/version"
rm -rf "$partial/apt" "$partial/unpacked" "$partial"/*.deb
rm -rf "$directory"
mv -T "$partial" "$directory"
