#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# make deb and make dist: a package that dpkg installs, that runs and goes away; a tarball that is the same twice.
# shellcheck source=tests/tap.sh
. "${0%/*}/../tap.sh"

bin=${SEVBENCH_BIN:-$PWD/build/bin}
build=$scratch/build
export DEBEMAIL=nobody@debian.org
# The package is left where it was built from.
mkdir "$build"
for part in bin lib docs; do ln -s "${bin%/bin}/$part" "$build/$part"; done

if ! command -v dpkg-shlibdeps >/dev/null; then
	skip "make deb" "dpkg-dev is not installed: make setup-tests"
else
	check "it is made" exits 0 bench/deb.sh "$build"
	deb=("$build"/*.deb)
	sha256sum <"${deb[0]}" >"$scratch/first"
	check "again" exits 0 bench/deb.sh "$build"
	sha256sum <"${deb[0]}" >"$scratch/second"
	check "... the same" cmp "$scratch/first" "$scratch/second"
	check "it depends on libraries" grep -q 'libc6.*libnuma1' <(dpkg-deb -f "${deb[0]}" Depends)
	if [ "$(id -u)" -eq 0 ]; then
		mkdir -p "$scratch/root/var/lib/dpkg"/{info,updates} "$scratch/root/bin"
		touch "$scratch/root/var/lib/dpkg"/{status,available}
		check "dpkg installs it" exits 0 dpkg --root="$scratch/root" --force-depends --force-script-chrootless \
			--install "${deb[0]}"
		check "... it measures" exits 0 "$scratch/root/usr/bin/sevbench" run --platforms native --kernels cpuid \
			--rounds 1 --cooldown 0 --out "$scratch/run"
		check "... and is purged" exits 0 dpkg --root="$scratch/root" --purge sevbench
		check "... with all that it brought" test -z "$(find "$scratch/root/usr" 2>/dev/null)"
	else
		skip "dpkg --install" "only root can"
	fi
	if command -v lintian >/dev/null; then
		check "lintian finds no error" exits 0 lintian --allow-root --fail-on error,warning "${deb[0]}"
	else
		skip "lintian" "lintian is not installed: apt-get install lintian"
	fi
fi

if git rev-parse HEAD >/dev/null 2>&1; then
	for n in 1 2; do
		check "a tarball" exits 0 make -s dist B="$scratch/$n"
	done
	check "... twice the same" cmp "$scratch"/[12]/sevbench-*.tar.gz
	check "... with the source" grep -q '^sevbench-[0-9.]*/bench/sevbench.c$' <(tar tzf "$scratch"/1/sevbench-*.tar.gz)
else
	skip "make dist" "this is no git checkout"
fi

done_testing
