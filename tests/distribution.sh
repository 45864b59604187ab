#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# What a new user of another Debian or Ubuntu does, in a debootstrap of it: set up, measure, set up for
# tests, test; then, in another that has nothing of what that needed: install the package, use it, purge it.
# As root, with a network; this machine's apt says which mirror.
#
# usage: distribution.sh SUITE FOLDER [MIRROR]
#
# SUITE   trixie, forky, noble ...: a script of debootstrap
# FOLDER  to make; FOLDER/SUITE and FOLDER/SUITE-package are kept, and used again. The tree in them is this
#         one as it is, uncommitted changes included, and what was built there before stays.
# MIRROR  where SUITE is to be had (default: where this machine has Debian from)
set -euo pipefail

fail() { printf 'distribution: %s\n' "$*" >&2; exit 1; }

[ $# -eq 2 ] || [ $# -eq 3 ] || fail "usage: distribution.sh SUITE FOLDER [MIRROR]"
top=$(realpath "${0%/*}/..")
suite=$1 folder=$(realpath -m "$2") mirror=${3:-}
[ "$(id -u)" -eq 0 ] || fail "debootstrap and chroot need root"
command -v debootstrap >/dev/null || fail "debootstrap is missing: apt-get install debootstrap"
# shellcheck source=vmrun/apt-sources.sh
. "$top/vmrun/apt-sources.sh"

# Mounts and processes of it are in namespaces of their own, and gone when this ends, however it ends.
if [ -z "${DISTRIBUTION_INSIDE:-}" ]; then
	DISTRIBUTION_INSIDE=yes exec unshare --mount --pid --fork --kill-child "$0" "$@"
fi

# enter ROOT: made where it is not there, under another name until it is complete.
enter() {
	local components=main
	root=$1
	if ! [ -d "$root" ]; then
		rm -rf "$root.partial"
		mkdir -p "$folder"
		# Ubuntu has half of what setup installs in universe; its suites are one script of debootstrap.
		[ "$(basename "$(realpath "/usr/share/debootstrap/scripts/$suite")")" != gutsy ] || components=main,universe
		debootstrap --variant=minbase "--components=$components" --include=ca-certificates "$suite" "$root.partial" \
			"${mirror:-$(apt_mirror)}"
		mv -T "$root.partial" "$root"
	fi
	mount -t proc proc "$root/proc"
	mount -t devtmpfs devtmpfs "$root/dev"
	mkdir -p "$root/dev/shm" "$root/dev/pts"
	mount -t tmpfs tmpfs "$root/dev/shm"
	mount -t devpts devpts "$root/dev/pts"
	mount -t sysfs -o ro sysfs "$root/sys"
	mount -t tmpfs tmpfs "$root/run"
	cp /etc/resolv.conf "$root/etc/"
	inside apt-get -qq update
}
inside() {
	printf '\n=== %s: %s\n' "$suite" "$*"
	chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 \
		DEBIAN_FRONTEND=noninteractive "$@" </dev/null
}
# says TEXT COMMAND...: and its output has TEXT in it.
says() {
	local text=$1
	shift
	inside "$@" 2>&1 | tee "$root/tmp/said"
	grep -qF -- "$text" "$root/tmp/said" || fail "'$*' did not say '$text'"
}

# This tree into ROOT/src: what differs gets the time of now, so that make builds it again whenever it was edited
# here, and what is no longer ours goes.
sources() {
	local file
	mkdir -p "$root/src"
	(cd "$top" && git ls-files -z) | while IFS= read -r -d '' file; do
		cmp -s "$top/$file" "$root/src/$file" ||
			(cd "$top" && cp --parents --preserve=mode "$file" "$root/src")
	done
	(cd "$root/src" && find . -path ./build -prune -o -type f -printf '%P\0') | while IFS= read -r -d '' file; do
		[ -n "$(cd "$top" && git ls-files -- "$file")" ] || rm "$root/src/$file"
	done
}

enter "$folder/$suite"
sources
inside apt-get -y -qq install make git
inside make -C /src setup
says "setup: nothing to do" make -C /src setup
says "setup: nothing to do" setpriv --reuid=65534 --regid=65534 --clear-groups make -C /src setup
inside make -C /src "-j$(nproc)" bench "OUT=/tmp/run.$(date +%s)"
inside make -C /src setup-tests
inside make -C /src "-j$(nproc)" tests
inside make -C /src test
inside make -C /src deb

package=$(ls "$root"/src/build/sevbench_*.deb)
enter "$folder/$suite-package"
cp "$package" "$root/tmp/sevbench.deb"
inside apt-get -y -qq --no-install-recommends install /tmp/sevbench.deb
inside sevbench run --platforms native --rounds 1 --cooldown 0 --out "/tmp/run.$(date +%s)"
inside bench-memcpy --size 1M --quiet --out "/tmp/memcpy.$(date +%s).csv"
says "this host can launch" vmrun doctor
inside apt-get -y -qq purge sevbench
[ -z "$(find "$root"/{usr,etc,var} -name '*sevbench*' -not -path '*/dpkg/*' -print)" ] || fail "the package leaves files when it is purged"
