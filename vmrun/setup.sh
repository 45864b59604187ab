#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Make a machine with Debian 12 or later, or Ubuntu 24.04 or later, ready: install the packages that are
# missing, and unpack a kernel for clouds with its modules and headers under GUEST. Nothing of that kernel
# is installed on the host. When all is there nothing is done, and neither root nor a network is needed.
# On other distributions: say what to install (setup-elsewhere.sh).
#
# usage: setup.sh [--second] [--suite SUITE] [--image IMAGE] GUEST PACKAGE[:MODULE]...
#
# SUITE    of Debian, such as trixie-backports, to take the kernel from: this machine's apt need not know
#          it (default: what it knows)
# IMAGE    the Debian package whose dependency is the kernel to unpack (default: linux-image-cloud-amd64, or
#          what packages.txt has for it, or one of a later series that apt knows, as
#          linux-image-6.12-cloud-amd64 on Debian 12: the newest is the best SNP guest)
# GUEST    directory to make: boot/vmlinuz-RELEASE, lib/modules/RELEASE, and usr/src/linux-headers-*, or
#          where the compiler that they want is not here, its name in the file without-headers
# PACKAGE  a Debian package; MODULE is the name that pkg-config knows it by, for other distributions
#
# --second  a second kernel beside another: that none is to be had is said, and no failure
set -euo pipefail

scripts=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
# shellcheck source=vmrun/setup-elsewhere.sh
. "$scripts/setup-elsewhere.sh"
# shellcheck source=vmrun/apt-sources.sh
. "$scripts/apt-sources.sh"

second='' suite='' image=''
if [ "${1:-}" = --second ]; then
	second=yes
	shift
fi
if [ "${1:-}" = --suite ] && [ $# -ge 2 ]; then
	suite=$2
	shift 2
fi
if [ "${1:-}" = --image ] && [ $# -ge 2 ]; then
	image=$2
	shift 2
fi
[ $# -ge 2 ] || {
	echo "usage: setup.sh [--second] [--suite SUITE] [--image IMAGE] GUEST PACKAGE[:MODULE]..." >&2
	exit 2
}
guest=$1 partial=$1.partial
shift
# depmod lives in /sbin, which is not in everybody's PATH.
PATH=$PATH:/usr/sbin:/sbin

say()  { printf 'setup: %s\n' "$*"; }
fail() { printf 'setup: %s\n' "$*" >&2; exit 1; }

missing_packages() {
	local p
	for p in "${packages[@]}"; do
		is_there "$p" || echo "$p"
	done
}

# The packages to take a kernel from, one a line. Debian has a later series for clouds beside its own Linux
# under names such as linux-image-6.12-cloud-amd64.
images() {
	[ -z "$image" ] || { echo "$image" && return; }
	names_of "$(distribution)" linux-image-cloud-amd64
	apt-cache pkgnames linux-image- 2>/dev/null | grep -xE 'linux-image-[0-9]+\.[0-9]+-cloud-amd64' || true
}

# linux-image-RELEASE, the newest that they depend on; nothing where apt knows none.
newest_image() {
	local meta
	while read -r meta; do
		dependencies "$meta" | grep '^linux-image-[0-9]' | head -n 1 || true
	done < <(images) | sort -V | tail -n 1
}

# A kernel that is there stays; that there is a newer series by now is said.
say_newer() {
	local here newest
	here=$(compgen -G "$guest/boot/vmlinuz-*" | sed 's/.*vmlinuz-//' | sort -V | tail -n 1)
	newest=$(newest_image)
	newest=${newest#linux-image-}
	[ -n "$newest" ] && [ "$(series_of "$here")" != "$(series_of "$newest")" ] &&
		[ "$(printf '%s\n' "$here" "$newest" | sort -V | tail -n 1)" = "$newest" ] || return 0
	say "$guest has Linux $here, and apt knows $newest: remove $guest and run this again to have that"
}
series_of() {
	cut -d . -f 1,2 <<<"$1"
}

guest_is_there() {
	compgen -G "$guest/boot/vmlinuz-*" && compgen -G "$guest/lib/modules/*/modules.dep" &&
		{ compgen -G "$guest/usr/src/linux-headers-*/Module.symvers" || [ -f "$guest/without-headers" ]; }
} >/dev/null

# Lists that are old or absent are the usual state of a new machine. A source that cannot be reached
# is no reason to stop: what is needed may be in another one, and apt-get says so if it is not.
update_lists() {
	say "apt-get update"
	apt-get -qq update || say "apt-get update failed; going on with the lists that are there"
}

install_packages() {
	say "apt-get install $*"
	export DEBIAN_FRONTEND=noninteractive
	# Left over by an installation that was interrupted; apt-get would refuse to go on.
	[ -z "$(dpkg --audit)" ] || dpkg --configure -a
	apt-get -y -qq -o DPkg::Lock::Timeout=600 install --no-install-recommends "$@" </dev/null
}

# The packages that PACKAGE depends on, one a line, without versions and alternatives.
dependencies() {
	apt-cache show --no-all-versions "$1" 2>/dev/null |
		sed -n 's/^Depends: //p' | tr ',' '\n' | sed 's/^ *//; s/[ |].*//'
}

# The headers name each other by the paths they would be installed at; make them work from here.
relocate_headers() {
	local release=$1 makefile=usr/src/linux-headers-$1/Makefile
	# shellcheck disable=SC2016 # make expands it
	sed -i 's|/usr/src/|$(dir $(realpath $(lastword $(MAKEFILE_LIST))))../|' "$makefile"
	ln -sfn "../../../usr/src/linux-headers-$release" "lib/modules/$release/build"
	rm -f "lib/modules/$release/source"
}

# Where /usr is merged the packages have their files below it, from Linux 7 on the kernel itself too.
settle_usr() {
	local release=$1
	if [ -d "usr/lib/modules/$release" ]; then
		mkdir -p lib
		mv usr/lib/modules lib/
	fi
	if [ -f "lib/modules/$release/vmlinuz" ]; then
		mkdir -p boot
		mv "lib/modules/$release/vmlinuz" "boot/vmlinuz-$release"
	fi
}

no_guest() {
	say "$1" >&2
	rm -rf "$partial"
	[ -n "$second" ] || exit 1
	say "$guest is gone without: what is tested in every Linux is tested in those that are there"
	exit 0
}

# apt has no such package: which of the kind it has.
no_image() {
	local known
	known=$(apt-cache pkgnames linux-image | grep -xE 'linux-image(-[0-9.]+)?-(cloud-amd64|amd64|virtual|generic)' |
		sort | tr '\n' ' ') || known=
	no_guest "apt knows no package $1: $([ -n "$known" ] && echo "of the kind it has ${known% }" ||
		echo "run 'apt-get update' as root, and look for 'main' in /etc/apt/sources.list")"
}

# The packages of IMAGE, one a line. From Linux 7 on the kernel is in packages of its own, beside the
# modules and their lists.
parts_of() {
	local release=${1#linux-image-}
	echo "$1"
	dependencies "$1" | grep -xF -e "linux-binary-$release" -e "linux-modules-$release" -e "linux-base-$release" || true
}

# Those of its headers, or where nothing could be built with them none, and why in without-headers.
headers_of() {
	local headers=linux-headers-${1#linux-image-} compiler
	compiler=$(dependencies "$headers" | grep -oE 'gcc-[0-9]+' | head -n 1) || compiler=gcc
	if ! command -v "$compiler" >/dev/null; then
		echo "$compiler" >"$partial/without-headers"
		return
	fi
	echo "$headers"
	dependencies "$headers" | grep -E '^linux-(headers|kbuild)-'
}

# Unpacked under another name first: a directory called GUEST is always complete.
fetch_guest() {
	local found release why debs=()
	rm -rf "$partial"
	mkdir -p "$partial"
	if [ -n "$suite" ]; then
		why=$(apt_apart "$partial/apt" "$suite" 2>&1) || no_guest "$why"
		APT_CONFIG=$(realpath "$partial/apt/apt.conf")
		export APT_CONFIG
	fi
	found=$(newest_image)
	[ -n "$found" ] || no_image "$(images | head -n 1)"
	release=${found#linux-image-}
	mapfile -t debs < <(parts_of "$found" && headers_of "$found")
	say "unpacking ${debs[*]} under $guest"
	[ ! -f "$partial/without-headers" ] ||
		say "... and no headers, which want $(cat "$partial/without-headers"): the guest module is not built for it"
	(
		cd "$partial"
		# As root, apt would download as _apt, who may not write here.
		apt-get -qq -o APT::Sandbox::User=root download "${debs[@]}"
		for deb in *.deb; do
			dpkg-deb -x "$deb" .
			rm "$deb"
		done
		settle_usr "$release"
		[ -f without-headers ] || relocate_headers "$release"
		depmod -b . "$release"
		rm -rf apt
	)
	# Under sudo the tree belongs to the caller, so that make and git clean work without root.
	[ "$(id -u)" -ne 0 ] || chown -R --reference=. "$(dirname "$guest")"
	rm -rf "$guest"
	mv -T "$partial" "$guest"
}

if ! installs_here; then
	setup_elsewhere "$guest" "$@"
	exit
fi
mapfile -t packages < <(names_of "$(distribution)" "${@%%:*}" | grep -v '^- ')

mapfile -t missing < <(missing_packages)
if [ ${#missing[@]} -gt 0 ] && [ "$(id -u)" -ne 0 ]; then
	fail "packages are missing and this is not root. Run this as root, then 'make setup' again:
  apt-get update && apt-get install -y --no-install-recommends ${missing[*]}"
fi

if [ ${#missing[@]} -eq 0 ] && guest_is_there; then
	say "nothing to do"
	[ -n "$suite$image" ] || say_newer
	exit 0
fi
# The lists of another suite are fetched with it.
[ "$(id -u)" -ne 0 ] || { [ ${#missing[@]} -eq 0 ] && [ -n "$suite" ]; } || update_lists
[ ${#missing[@]} -eq 0 ] || install_packages "${missing[@]}"
guest_is_there || fetch_guest
say "done"
