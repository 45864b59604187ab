#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# A Debian package of what was built, without what `make setup` brought: a guest kernel, OVMF and QEMU are
# packages of their own.
#
# DEBFULLNAME, DEBEMAIL  who makes the package
#
# usage: deb.sh BUILD    from the top of the source tree; leaves BUILD/sevbench_VERSION_amd64.deb
set -euo pipefail
umask 022
[ $# -eq 1 ] || { sed -n 's/^# \(usage:\)/\1/p' "$0" >&2; exit 2; }
for tool in dpkg-deb dpkg-shlibdeps; do
	command -v $tool >/dev/null || { echo "deb: $tool is needed: apt-get install dpkg-dev" >&2; exit 1; }
done

build=$1
version=$(sed -n 's/^#define SEVBENCH_VERSION "\(.*\)"/\1/p' harness/version.h)
maintainer="${DEBFULLNAME:-sevbench authors} <${DEBEMAIL:-sevbench@localhost.localdomain}>"
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH-$(git log -1 --format=%ct 2>/dev/null || date -r CHANGELOG.md +%s)}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/debian/sevbench
doc=$root/usr/share/doc/sevbench

DESTDIR=$root SETUP=no bench/install.sh install "$build" /usr
rm "$root"/usr/lib/sevbench/{installed,LICENSE}
# No module of one Linux: built by usr/lib/sevbench/kernels/build-module.sh for that of the guest.
rm -rf "$root/usr/lib/sevbench/module"
strip --strip-unneeded --remove-section=.comment --remove-section=.note "$root"/usr/lib/sevbench/{bin,lib}/*
chmod 644 "$root"/usr/lib/sevbench/lib/*.so
mv "$root"/usr/share/zsh/{site-functions,vendor-completions}
find "$root/usr/share/man" -type f -exec gzip -9n {} +

mkdir -p "$doc" "$root/DEBIAN" "$root/usr/share/lintian/overrides"
printf '# PID 1 of guests, which hold no library.\nsevbench: statically-linked-binary [usr/lib/sevbench/bin/guest-init]\n' \
	>"$root/usr/share/lintian/overrides/sevbench"
{
	printf 'Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\nFiles: *\n'
	sed -n 's/^Copyright (c)/Copyright:/ip' LICENSE | head -1
	printf 'License: Expat\n'
	sed 's/^$/./; s/^/ /' LICENSE
	printf '\nFiles: usr/lib/sevbench/lib/sevemu-*.so\n'
	sed -n 's/^Copyright (c)/Copyright:/ip' LICENSE | head -1
	printf 'License: GPL-2+\n The text of the licence is /usr/share/common-licenses/GPL-2.\n'
	printf '\nFiles: usr/lib/sevbench/kernels/module/*\n'
	sed -n 's/^Copyright (c)/Copyright:/ip' LICENSE | head -1
	printf 'License: GPL-2\n The text of the licence is /usr/share/common-licenses/GPL-2.\n'
} >"$doc/copyright"
printf 'sevbench (%s) unstable; urgency=medium\n\n  * See CHANGELOG.md of the source.\n\n -- %s  %s\n' "$version" \
	"$maintainer" "$(date -uRd "@$SOURCE_DATE_EPOCH")" | gzip -9n >"$doc/changelog.gz"

printf 'Source: sevbench\nMaintainer: %s\n\nPackage: sevbench\nArchitecture: amd64\n' "$maintainer" >"$work/debian/control"
depends=$(cd "$work" && dpkg-shlibdeps -O debian/sevbench/usr/lib/sevbench/bin/* 2>/dev/null | sed 's/^shlibs:Depends=//')
cat >"$root/DEBIAN/control" <<EOF
Package: sevbench
Version: $version
Architecture: amd64
Maintainer: $maintainer
Section: utils
Priority: optional
Depends: $depends
Recommends: qemu-system-x86, ovmf, gnuplot-nox | gnuplot
Suggests: linux-image-cloud-amd64, libpapi6.0 | libpapi7.0 | libpapi7.1t64
Installed-Size: $(du -sk "$root/usr" | cut -f1)
Description: what AMD SEV, SEV-ES and SEV-SNP cost in memory and world switches
 Measures memory operations and exits to the hypervisor natively, in plain
 guests and in encrypted ones, with the same programs, and says with
 confidence intervals what is slower, faster or the same.
EOF
(cd "$root" && find usr -type f -print0 | sort -z | xargs -0 md5sum >DEBIAN/md5sums)
find "$root" -newermt "@$SOURCE_DATE_EPOCH" -print0 | xargs -0 touch --no-dereference -d "@$SOURCE_DATE_EPOCH"
dpkg-deb -z3 --root-owner-group --build "$root" "$build/sevbench_${version}_amd64.deb"
