#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Put what was built where users find it, and take all of it away again.
#
#   PREFIX/bin/                 links to the programs
#   PREFIX/lib/sevbench/        the programs and what they look for beside themselves, laid out as under
#                               build/, so that home_find (vmrun/system/home.h) finds it the same way
#   PREFIX/lib/sevbench/installed  every file and folder that was made, for uninstall
#   PREFIX/share/               manual pages, completion
#
# usage: install.sh install BUILD PREFIX    from the top of the source tree; BUILD is where it was built
#        install.sh uninstall PREFIX
#
# DESTDIR  goes before every path (for packages); the links do not name it
# SETUP=no leave out what `make setup` brought: guest kernel, OVMF, QEMU
set -euo pipefail
umask 022
export LC_ALL=C

fail() { printf 'install: %s\n' "$*" >&2; exit 1; }
usage() { sed -n 's/^# \(usage:\|       install\)/\1/p' "$0" >&2; exit 2; }

# folder PATH: make it, and note each part that was not there.
folder() {
	local path=$1
	[ ! -d "$root$path" ] || return 0
	folder "$(dirname "$path")"
	mkdir "$root$path"
	made+=("$path/")
}

# What is not of an earlier install is not ours to replace.
free() {
	if [ -e "$root$1" ] || [ -L "$root$1" ]; then
		fail "$root$1 exists, and no earlier install has made it: move it away, or choose another PREFIX"
	fi
}

# put MODE FILE PATH
put() {
	free "$3"
	folder "$(dirname "$3")"
	made+=("$3")
	install -m "$1" "$2" "$root$3"
}

# put_tree FOLDER PATH: all that is in it but the links to a kernel's headers, which stay behind.
put_tree() {
	free "$2"
	folder "$(dirname "$2")"
	made+=("$2/")
	cp -R --preserve=links,timestamps "$1" "$root$2"
	find "$root$2" -type l \( -name build -o -name source \) -delete
	chmod -R u=rwX,go=rX "$root$2"
	mapfile -t -O "${#made[@]}" made < <(cd "$root$2" && find . -mindepth 1 \( -type d -printf "$2/%P/\n" -o -printf "$2/%P\n" \))
}

put_programs() {
	local program name
	for program in "$build"/bin/*; do
		name=${program##*/}
		put 755 "$program" "$lib/bin/$name"
		[ "$name" != guest-init ] || continue # PID 1 of guests, no program of users
		free "$prefix/bin/$name"
		folder "$prefix/bin"
		made+=("$prefix/bin/$name")
		ln -s "../lib/sevbench/bin/$name" "$root$prefix/bin/$name"
	done
}

# The guest kernel module: its source, for a guest's Linux that is not here, and what is built of it.
put_module() {
	put 755 kernels/build-module.sh "$lib/kernels/build-module.sh"
	put 644 harness/module_abi.h "$lib/harness/module_abi.h"
	put_tree kernels/module "$lib/kernels/module"
	for release in build/guest/lib/modules/*; do
		release=${release##*/}
		[ ! -f "build/module/$release/sevbench.ko" ] ||
			put 644 "build/module/$release/sevbench.ko" "$lib/module/$release/sevbench.ko"
	done
}

put_docs() {
	local page
	for page in "$build"/docs/man?/*; do
		put 644 "$page" "$prefix/share/man/${page#"$build/docs/"}"
	done
	for name in sevbench vmrun $(cd "$build/bin" && echo bench-*); do
		put 644 "$build/docs/completion/sevbench" "$prefix/share/bash-completion/completions/$name"
	done
	put 644 "$build/docs/completion/_sevbench" "$prefix/share/zsh/site-functions/_sevbench"
}

put_setup() {
	local part
	for part in guest/boot guest/lib ovmf qemu-10; do
		[ ! -d "build/$part" ] || put_tree "build/$part" "$lib/$part"
	done
}

write_list() {
	folder "$lib"
	[ "${#made[@]}" -eq 0 ] || printf '%s\n' "${made[@]}" >"$root$lib/installed"
}

take_back() {
	local status=$?
	[ $status -eq 0 ] || { write_list; uninstall; }
}

install_all() {
	[ -x "$build/bin/sevbench" ] || fail "$build/bin holds no programs: run make first"
	[ -d "$build/docs/man1" ] || fail "$build/docs holds no manual pages: run make docs first"
	[ ! -e "$root$lib/installed" ] || uninstall
	[ -z "$root" ] || mkdir -p "$root"
	trap take_back EXIT
	trap 'exit 1' HUP INT TERM
	put_programs
	put 644 LICENSE "$lib/LICENSE"
	for plugin in "$build"/lib/*.so; do
		put 755 "$plugin" "$lib/lib/${plugin##*/}"
	done
	put_module
	put_docs
	[ "${SETUP-}" = no ] || put_setup
	write_list
}

# Folders last, the deepest first, and only those that are empty and that install has made.
uninstall() {
	local path made
	[ -f "$root$lib/installed" ] || fail "nothing is installed under $root$prefix: $root$lib/installed is not there"
	mapfile -t made < <(sort -r "$root$lib/installed")
	rm "$root$lib/installed"
	for path in "${made[@]}"; do
		[[ $path == */ ]] || printf '%s\0' "$root$path"
	done | xargs -0 -r rm -f --
	for path in "${made[@]}"; do
		[[ $path != */ ]] || printf '%s\0' "$root$path"
	done | xargs -0 -r rmdir --ignore-fail-on-non-empty -- 2>/dev/null || true
}

made=()
root=${DESTDIR-}
case ${1-} in
install) [ $# -eq 3 ] || usage; build=$2 prefix=$3 ;;
uninstall) [ $# -eq 2 ] || usage; prefix=$2 ;;
*) usage ;;
esac
prefix=$(realpath -sm "$prefix")
[ "$prefix" != / ] || prefix=
lib=$prefix/lib/sevbench
if [ "$1" = install ]; then install_all; else uninstall; fi
