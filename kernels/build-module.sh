#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Build the guest kernel module out of tree, for one Linux. The sources stay clean: Kbuild works in a
# folder of links to them, OUT/RELEASE, and leaves sevbench.ko there.
#
# usage: build-module.sh KDIR OUT
#
# KDIR  headers of the guest's Linux: /lib/modules/RELEASE/build, a folder linux-headers-RELEASE of
#       Debian's packages (also unpacked elsewhere, see relocate_headers in vmrun/setup.sh), or a
#       built source tree
# OUT   where to build
set -euo pipefail

[ $# -eq 2 ] || { echo "usage: build-module.sh KDIR OUT" >&2; exit 2; }
fail() { printf 'build-module: %s\n' "$*" >&2; exit 1; }

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
[ -n "$1" ] || fail "no headers of a guest kernel: run 'make setup', or name them with KDIR=/lib/modules/RELEASE/build"
[ -f "$1/Makefile" ] || fail "$1 holds no Makefile: KDIR must be the headers of the guest's Linux (/lib/modules/RELEASE/build)"
kdir=$(realpath "$1")
release=$(sed -n 's/^#define UTS_RELEASE "\(.*\)"/\1/p' "$kdir/include/generated/utsrelease.h" 2>/dev/null) ||
	fail "$kdir holds no include/generated/utsrelease.h: a source tree must be configured and built first"

work=$2/$release
mkdir -p "$work"
work=$(realpath "$work")
if [ -f "$work/sevbench.ko" ] && [ -z "$(find "$top/kernels/module" "$top/harness/module_abi.h" \
	"${BASH_SOURCE[0]}" "$kdir/Module.symvers" -newer "$work/sevbench.ko" 2>/dev/null)" ]; then
	exit 0
fi
# A link whose source is gone would be built for ever.
find "$work" -maxdepth 1 -xtype l -delete
ln -sf "$top"/kernels/module/* "$work/"

# This make's own compiler and flags are not the kernel's. BTF would need pahole, and is of no use here: nor is what
# Linux 7 says of its version.
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES CC CFLAGS LDFLAGS
# shellcheck disable=SC2016 # make expands it
make -s -C "$kdir" M="$work" SEVBENCH_TOP="$top" CONFIG_DEBUG_INFO_BTF_MODULES= PAHOLE_VERSION='$(CONFIG_PAHOLE_VERSION)' modules ||
	fail "the module does not build for Linux $release ($kdir)"
# Its debug information is twenty times its size, and every guest that is launched carries it.
strip --strip-debug "$work/sevbench.ko"
