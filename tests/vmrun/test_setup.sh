#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# vmrun/setup.sh as far as it goes without installing anything.
# shellcheck source=tests/tap.sh
. "${0%/*}/../tap.sh"

setup=${0%/*}/../../vmrun/setup.sh
guest=$scratch/guest

cat >"$scratch/debian12" <<'OS'
PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
ID=debian
VERSION_ID="12"
OS
cat >"$scratch/fedora" <<'OS'
PRETTY_NAME="Fedora Linux 40"
ID=fedora
VERSION_ID=40
OS
sed 's/12/11/g' "$scratch/debian12" >"$scratch/debian11"

# What setup leaves behind, as far as it looks at it.
mkdir -p "$guest/boot" "$guest/lib/modules/6.1.0" "$guest/usr/src/linux-headers-6.1.0"
touch "$guest/boot/vmlinuz-6.1.0" "$guest/lib/modules/6.1.0/modules.dep" \
	"$guest/usr/src/linux-headers-6.1.0/Module.symvers"

on() {
	local os=$1
	shift
	env SETUP_OS_RELEASE="$scratch/$os" "$@"
}

check "no arguments are a usage error" exits 2 "$setup"
# Elsewhere: what is missing by its name there. rpm and pacman here know what $has names.
system() {
	printf 'PRETTY_NAME="%s"\nID=%s\nID_LIKE="%s"\nVERSION_ID=%s\n' "$2" "$3" "$4" "$5" >"$scratch/$1"
}
system fedora "Fedora Linux 43" fedora "" 43
system alma "AlmaLinux 10.1" almalinux "rhel centos fedora" 10.1
system leap "openSUSE Leap 16.0" opensuse-leap "suse opensuse" 16.0
system arch "Arch Linux" arch "" ""
system mint "Linux Mint 22" linuxmint "ubuntu debian" 22
system gentoo "Gentoo Linux" gentoo "" ""
system noble "Ubuntu 24.04.3 LTS" ubuntu debian 24.04
system jammy "Ubuntu 22.04.5 LTS" ubuntu debian 22.04
system trixie "Debian GNU/Linux 13 (trixie)" debian "" 13
system forky "Debian GNU/Linux forky/sid" debian "" ""
mkdir "$scratch/tools"
for tool in bash awk cat sort head dirname realpath sed tr grep; do
	ln -s "$(command -v $tool)" "$scratch/tools/"
done
for tool in rpm pacman; do
	# shellcheck disable=SC2016 # for the stub
	printf '#!/bin/bash\n[[ " $has " == *" ${@: -1} "* ]]\n' >"$scratch/tools/$tool"
	chmod +x "$scratch/tools/$tool"
done
# elsewhere SYSTEM HAS PACKAGE...: where the packages HAS are installed, and there is no dpkg
elsewhere() {
	local os=$1 has=$2
	shift 2
	on "$os" PATH="$scratch/tools" has="$has" "$setup" "$scratch/no-guest" "$@"
}
check "where nothing is installed that is said" exits 1 elsewhere fedora "gcc glibc-devel jansson-devel" gcc libc6-dev \
	libhwloc-dev:hwloc libjansson-dev:jansson clang-format clang-tidy mbw
check "... with its name, and that it was not tried" says \
	"this is Fedora Linux 43, where this script installs nothing, and where it was not tried"
check "... a line to paste has what is missing alone, each once" grep -qx \
	"  dnf install -y glibc-static hwloc-devel clang-tools-extra" "$scratch/out"
check "... what has no known name there is named" says "is not known: mbw"
check "... and where a guest kernel comes from" says "--guest-kernel auto"
check "... and what its module is built with" says "kernel-devel"
check "what is like it has its column" exits 1 elsewhere alma "" qemu-system-x86
check "... by the nearest" says "dnf install -y qemu-kvm"
check "openSUSE" exits 1 elsewhere leap "" libnuma-dev:numa
check "... by zypper" says "zypper install -y libnuma-devel"
check "Arch" exits 1 elsewhere arch "" libnuma-dev:numa
check "... by pacman" says "pacman -S --needed numactl"
check "nothing missing there: status 0" exits 0 elsewhere arch "numactl" libnuma-dev:numa
check "... and it says so" says "nothing to do"
check "a distribution that is like Ubuntu" exits 1 elsewhere mint "" linux-perf
check "... has Ubuntu's names" says "apt-get install -y --no-install-recommends linux-tools-generic"
for os in debian11 jammy; do
	check "a release that is too old ($os) is refused" exits 1 elsewhere $os "" gcc
	check "... with what is missing" says "apt-get install -y --no-install-recommends gcc"
done
check "an unknown distribution is refused" exits 1 elsewhere gentoo "" gcc libfoo-dev:foo
check "it is named" says "Gentoo Linux"
check "libraries are named as pkg-config knows them" says "pkg-config name:    foo"
check "the rest is named too" says "Debian package name: gcc"
check "a system without os-release is refused" exits 1 elsewhere nowhere "" gcc
# The table has a name, or none that is known, for everything in every column.
every_row_is_whole() {
	awk '/^# Debian.s name/ { columns = NF - 2 } /^#/ || !NF { next } NF != columns { print; bad = 1 }
	END { exit bad || !columns }' "${setup%/*}/packages.txt"
}
check "the table of names has every column in every row" every_row_is_whole

if command -v dpkg-query >/dev/null; then
	check "nothing missing: status 0" exits 0 on debian12 "$setup" "$guest" bash
	check "nothing missing: it says so" says "nothing to do"
	for os in trixie forky noble; do
		check "so on $os" exits 0 on $os "$setup" "$guest" bash
	done
	# Debian 13 has libelf1t64, which stands for libelf1.
	mkdir "$scratch/t64"
	# shellcheck disable=SC2016 # for the stub
	printf '#!/bin/bash\n%s\n' 'printf "installed bash, \ninstalled libelf1t64, libelf1 (= 0.192-4)\ndeinstalled other, \n"' \
		>"$scratch/t64/dpkg-query"
	chmod +x "$scratch/t64/dpkg-query"
	check "a package under another name is not missing" exits 0 on trixie PATH="$scratch/t64:$PATH" "$setup" "$guest" libelf1
	check "... nor is anything to do" says "nothing to do"
	if [ "$(id -u)" -ne 0 ]; then
		check "one that was removed is" exits 1 on trixie PATH="$scratch/t64:$PATH" "$setup" "$guest" other
	fi
else
	skip "nothing missing" "this system has no dpkg"
fi

# Run as a user who may not read the source tree, perhaps: from a copy.
mkdir "$scratch/vmrun"
cp "$setup" "${setup%/*}"/{setup-elsewhere.sh,apt-sources.sh,packages.txt} "$scratch/vmrun/"
as_nobody() {
	on debian12 "${network[@]}" setpriv --reuid=65534 --regid=65534 --clear-groups "$scratch/vmrun/setup.sh" "$@"
}
if [ "$(id -u)" -eq 0 ] && command -v dpkg-query >/dev/null; then
	chmod 755 "$scratch"
	network=()
	check "a missing package without root: status 1" exits 1 as_nobody "$guest" bash no-such-package libno-dev:no
	check "the command is given, with what is missing alone" \
		says "apt-get install -y --no-install-recommends no-such-package libno-dev"
	if unshare -n true 2>/dev/null; then
		network=(unshare -n)
		check "without root and a network: status 0 when all is there" exits 0 as_nobody "$guest" bash
		check "without root and a network: nothing to do" says "nothing to do"
	else
		skip "without a network" "unshare -n is not allowed here"
	fi
	rm "$guest/lib/modules/6.1.0/modules.dep"
	check "a guest kernel without its module list is not complete" exits 1 as_nobody "$guest" bash
else
	skip "a missing package without root" "becoming another user needs root and dpkg"
fi

qemu=${0%/*}/../../vmrun/setup-qemu.sh
check "setup-qemu without arguments is a usage error" exits 2 "$qemu"
mkdir "$scratch/qemu"
printf '#!/bin/sh\n' >"$scratch/qemu/qemu-system-x86_64"
chmod +x "$scratch/qemu/qemu-system-x86_64"
check "setup-qemu leaves alone what is there" exits 0 "$qemu" "$scratch/qemu" bookworm bookworm-backports
check "setup-qemu says so" says "is there"

# A QEMU that emulates SEV is fetched where the machine's own cannot, and may be had nowhere.
own_qemu() {
	mkdir -p "$scratch/own"
	printf '#!/bin/sh\necho "QEMU emulator version %s (Debian)"\n' "$1" >"$scratch/own/qemu-system-x86_64"
	chmod +x "$scratch/own/qemu-system-x86_64"
}
# without_network COMMAND...: where apt has no source either, and the machine's own QEMU is that of own_qemu
without_network() {
	mkdir -p "$scratch/nowhere/lists/partial" "$scratch/nowhere/parts"
	printf 'Dir::State "%s";\nDir::Etc::sourcelist "/dev/null";\nDir::Etc::sourceparts "%s";\n' "$scratch/nowhere" \
		"$scratch/nowhere/parts" >"$scratch/nowhere/conf"
	APT_CONFIG=$scratch/nowhere/conf PATH=$scratch/own:$PATH "$@"
}
for version in 10.0.2 11.1.3; do
	own_qemu $version
	check "a machine with QEMU $version" exits 0 without_network "$qemu" --to-emulate "$scratch/q10" bookworm bookworm-backports
	check "needs no other" says "nothing to do"
done
for version in 7.2.22 1.10.2 100.0; do
	own_qemu $version
	check "one with QEMU $version, and none to be had" exits 0 without_network "$qemu" --to-emulate "$scratch/q10" bookworm \
		bookworm-backports
	check "goes without" says "everything works but emulating SEV, which needs QEMU 10 or 11: "
	check "in a sentence" test "$(wc -l <"$scratch/out")" -eq 1
done
check "who wants that QEMU itself is told that there is none" exits 1 without_network "$qemu" "$scratch/q10" bookworm \
	bookworm-backports
ovmf=${0%/*}/../../vmrun/setup-ovmf.sh
check "setup-ovmf without arguments is a usage error" exits 2 "$ovmf"
check "no other OVMF to be had" exits 0 without_network "$ovmf" "$scratch/ovmf" trixie
check "is no failure either" says "setup-ovmf: SNP guests get the system's OVMF: "
check "nothing is left of what could not be had" test ! -e "$scratch/q10" -a ! -e "$scratch/q10.partial" -a \
	! -e "$scratch/ovmf" -a ! -e "$scratch/ovmf.partial"
mkdir "$scratch/ovmf" && touch "$scratch/ovmf/OVMF.fd"
check "setup-ovmf leaves alone what is there" exits 0 without_network "$ovmf" "$scratch/ovmf" trixie

# What setup brought outlives what was built from it.
mkdir -p "$scratch/tree"/build/{guest,guest-6.1,qemu-10,ovmf,bin}
check "make clean" exits 0 make -s -C "$scratch/tree" -f "$(realpath "${setup%/*}/../Makefile")" clean
check "keeps what setup brought" test "$(ls -m "$scratch/tree/build")" = "guest, guest-6.1, ovmf, qemu-10"

# Packages of Linux as Debian has divided them: one image, or from Linux 7 on parts below a merged /usr.
# pack NAME DEPENDS FILE...: a package with these files, as apt-cache and apt-get below know it
pack() {
	local name=$1 depends=$2 file
	shift 2
	rm -rf "$scratch/pack"
	mkdir -p "$scratch/pack/DEBIAN" "$scratch/debs"
	printf 'Package: %s\nVersion: 1\nArchitecture: all\nMaintainer: nobody <nobody@invalid>\nDescription: a test\n%s' \
		"$name" "${depends:+Depends: $depends
}" >"$scratch/pack/DEBIAN/control"
	for file in "$@"; do
		mkdir -p "$scratch/pack/$(dirname "$file")"
		# shellcheck disable=SC2016 # for make
		case $file in
		*common/Makefile) echo 'ok: ; @echo built in $(realpath .)' ;;
		*/Makefile)
			printf 'KBUILD_OUTPUT=/usr/src/%s\ninclude /usr/src/linux-headers-common/Makefile\n' "$name"
			;;
		*) echo "$name" ;;
		esac >"$scratch/pack/$file"
	done
	dpkg-deb -b "$scratch/pack" "$scratch/debs/$name.deb" >/dev/null
}
stub() {
	mkdir -p "$scratch/stubs"
	printf '#!/bin/bash\n%s\n' "$2" >"$scratch/stubs/$1"
	chmod +x "$scratch/stubs/$1"
}
# shellcheck disable=SC2016
{
	stub apt-cache 'dpkg-deb -f "$DEBS/${@: -1}.deb" 2>/dev/null'
	stub apt-get 'for p; do [ ! -f "$DEBS/$p.deb" ] || cp "$DEBS/$p.deb" .; done'
}
unpacks() {
	rm -rf "$scratch/linux"
	DEBS=$scratch/debs PATH=$scratch/stubs:$PATH on debian12 "$setup" --image linux-meta "$scratch/linux" bash &&
		cat "$scratch/linux/boot/vmlinuz-$1" "$scratch/linux/lib/modules/$1/kernel/a" &&
		make -s -C "$scratch/linux/lib/modules/$1/build" ok
}
if command -v dpkg-deb >/dev/null && command -v depmod >/dev/null || [ -x /sbin/depmod ]; then
	pack linux-headers-common '' usr/src/linux-headers-common/Makefile
	pack linux-meta 'linux-image-6.1.0 (= 1)'
	pack linux-image-6.1.0 'kmod, linux-base (>= 4)' boot/vmlinuz-6.1.0 lib/modules/6.1.0/kernel/a \
		lib/modules/6.1.0/modules.order lib/modules/6.1.0/modules.builtin
	pack linux-headers-6.1.0 'linux-headers-common' usr/src/linux-headers-6.1.0/Makefile \
		usr/src/linux-headers-6.1.0/Module.symvers
	check "a Linux of one image is unpacked" exits 0 unpacks 6.1.0
	check "... with its modules" says "linux-image-6.1.0"
	check "... and headers that work where they are" says "built in $scratch/linux/usr/src/linux-headers-6.1.0"
	pack linux-meta 'linux-base-meta, linux-image-7.3.4 (= 1), linux-modules-meta'
	pack linux-image-7.3.4 'linux-base-7.3.4 (= 1), linux-binary-7.3.4 (= 1) | other, linux-modules-7.3.4 (= 1)'
	pack linux-base-7.3.4 '' usr/lib/modules/7.3.4/modules.builtin usr/lib/modules/7.3.4/modules.order
	pack linux-binary-7.3.4 '' usr/lib/modules/7.3.4/vmlinuz
	pack linux-modules-7.3.4 '' usr/lib/modules/7.3.4/kernel/a
	pack linux-headers-7.3.4 'linux-base-7.3.4, linux-headers-common' usr/src/linux-headers-7.3.4/Makefile \
		usr/src/linux-headers-7.3.4/Module.symvers
	check "a Linux in parts is unpacked" exits 0 unpacks 7.3.4
	check "... with its image" says "linux-binary-7.3.4"
	check "... and its modules" says "linux-modules-7.3.4"
	check "... and headers that work where they are" says "built in $scratch/linux/usr/src/linux-headers-7.3.4"
	# Of the distribution's own series and later ones beside it the newest is taken, whichever has which name.
	# shellcheck disable=SC2016
	stub apt-cache 'case $1 in
		pkgnames) cd "$DEBS" && ls | sed -n "s/\.deb$//p" ;;
		*) dpkg-deb -f "$DEBS/${@: -1}.deb" 2>/dev/null ;; esac'
	newest() {
		rm -rf "$scratch/linux"
		again && ls "$scratch/linux/boot"
	}
	again() {
		DEBS=$scratch/debs PATH=$scratch/stubs:$PATH on debian12 "$setup" "$scratch/linux" bash
	}
	pack linux-image-cloud-amd64 'linux-image-6.1.0 (= 1)'
	check "the distribution's own Linux is taken where there is no other" exits 0 newest
	check "... which is 6.1" says "vmlinuz-6.1.0"
	check "it is complete" exits 0 again
	check "... and nothing more is said" test "$(cat "$scratch/out")" = "setup: nothing to do"
	pack linux-image-6.12-cloud-amd64 'linux-image-6.12.1 (= 1)'
	pack linux-image-6.12.1 '' boot/vmlinuz-6.12.1 lib/modules/6.12.1/kernel/a lib/modules/6.12.1/modules.order \
		lib/modules/6.12.1/modules.builtin
	pack linux-headers-6.12.1 'linux-headers-common' usr/src/linux-headers-6.12.1/Makefile \
		usr/src/linux-headers-6.12.1/Module.symvers
	check "one that is there stays" exits 0 again
	check "... that there is a later series is said" says "has Linux 6.1.0, and apt knows 6.12.1: remove $scratch/linux and run"
	check "that is taken by who has none" exits 0 newest
	check "... which is 6.12" says "vmlinuz-6.12.1"
	pack linux-image-cloud-amd64 'linux-image-7.3.4 (= 1)'
	check "the distribution's own" exits 0 newest
	check "... where it is the later one" says "vmlinuz-7.3.4"
	pack linux-headers-7.3.4 'gcc-999-for-host, linux-base-7.3.4, linux-headers-common' usr/src/linux-headers-7.3.4/Makefile \
		usr/src/linux-headers-7.3.4/Module.symvers
	# The packages are in a suite that the machine's own apt does not know.
	# shellcheck disable=SC2016
	{
		stub apt-get 'case $* in *indextargets*) echo "Debian main suite http://mirror.invalid" ;; *update*) grep -q " a-suite main" "${APT_CONFIG%/*}/sources.list" ;;
			*) for p; do [ ! -f "$DEBS/$p.deb" ] || cp "$DEBS/$p.deb" .; done ;; esac'
		stub apt-cache '[ -n "${APT_CONFIG:-}" ] && dpkg-deb -f "$DEBS/${@: -1}.deb" 2>/dev/null'
	}
	from_suite() {
		DEBS=$scratch/debs PATH=$scratch/stubs:$PATH on debian12 "$setup" "$@" --image linux-meta "$scratch/other" bash
	}
	if [ -e /usr/share/keyrings/debian-archive-keyring.gpg ]; then
		check "a Linux of another suite" exits 0 from_suite --suite a-suite
		check "... is unpacked" test -s "$scratch/other/boot/vmlinuz-7.3.4" -a -s "$scratch/other/lib/modules/7.3.4/kernel/a"
		check "... and headers whose compiler is not here are not" test ! -e "$scratch/other/usr/src" -a \
			"$(cat "$scratch/other/without-headers")" = gcc-999
		check "... which is said" says "no headers, which want gcc-999"
		check "... with nothing of that apt left" test ! -e "$scratch/other/apt" -a ! -e "$scratch/other.partial"
		check "... it is complete" exits 0 from_suite --suite a-suite
		check "... and nothing is left to do" says "nothing to do"
		rm -rf "$scratch/other"
		check "a suite that is not to be had is refused" exits 1 from_suite --suite no-suite
		check "... with its name" says "this machine's mirror of Debian does not give no-suite"
		check "... a second Linux is gone without" exits 0 from_suite --second --suite no-suite
		check "... with a word" says "is gone without"
		check "... and nothing is left of it" test ! -e "$scratch/other" -a ! -e "$scratch/other.partial"
	else
		skip "a Linux of another suite" "this system has no keyring of Debian's"
	fi
	stub apt-cache 'case $* in pkgnames*) printf "linux-image-%s\\n" cloud-amd64 amd64 6.12-rt-amd64 6.12.1-cloud-amd64 ;; esac'
	asks_for() {
		rm -rf "$scratch/linux"
		PATH=$scratch/stubs:$PATH on trixie "$setup" "$@" "$scratch/linux" bash
	}
	check "a Linux that apt has not is refused" exits 1 asks_for --image linux-image-6.12-cloud-amd64
	check "... with those of the kind that it has" says \
		"no package linux-image-6.12-cloud-amd64: of the kind it has linux-image-6.12.1-cloud-amd64 linux-image-amd64 linux-image-cloud-amd64"
	check "a second one is gone without" exits 0 asks_for --second --image linux-image-6.12-cloud-amd64
	check "... and nothing is left of it" test ! -e "$scratch/linux" -a ! -e "$scratch/linux.partial"
else
	skip "packages of Linux" "this system has no dpkg or no depmod"
fi

# Where packages of other releases come from: the mirror that the machine's own sources name.
if ! command -v apt-get >/dev/null; then
	skip "the mirror" "this system has no apt"
	done_testing
fi
apt=$scratch/apt
sed 's/VERSION_ID.*/&\nVERSION_CODENAME=bookworm/' "$scratch/debian12" >"$scratch/bookworm"

# mirror_of: what a machine with the sources in $apt/sources.list and $apt/parts uses.
mirror_of() {
	mkdir -p "$apt/lists/partial" "$apt/parts"
	cat >"$apt/conf" <<-EOF
	Dir::State "$apt";
	Dir::Etc::sourcelist "$apt/sources.list";
	Dir::Etc::sourceparts "$apt/parts";
	EOF
	APT_CONFIG=$apt/conf SETUP_OS_RELEASE=$scratch/bookworm \
		bash -c '. "$0" && apt_mirror' "${setup%/*}/apt-sources.sh"
}
mkdir -p "$apt/parts"
cat >"$apt/sources.list" <<'LIST'
deb http://other.invalid/tools nodistro main
deb [arch=amd64] http://security.invalid/debian-security bookworm-security main
deb [arch=amd64 trusted=yes] http://mirror.invalid/a/debian/ bookworm main contrib
deb http://later.invalid/mirror bookworm main
LIST
check "a mirror in a list of one line each" exits 0 mirror_of
check "... is the one that has the release" grep -qx 'http://mirror.invalid/a/debian' "$scratch/out"
rm "$apt/sources.list"
cat >"$apt/parts/debian.sources" <<'SOURCES'
Types: deb
URIs: http://off.invalid/mirror
Suites: bookworm
Components: main
Enabled: no

Types: deb deb-src
URIs: http://mirror.invalid/b/debian
Suites: bookworm bookworm-updates
Components: main
SOURCES
check "a mirror in a file of stanzas" exits 0 mirror_of
check "... that is not switched off" grep -qx 'http://mirror.invalid/b/debian' "$scratch/out"
rm "$apt/parts/debian.sources"
check "no sources at all are refused" exits 1 mirror_of
check "... with the remedy" says "no source of apt's in /etc/apt is Debian's archive"
echo 'deb http://mirror.invalid' >"$apt/sources.list"
check "sources that apt cannot read are refused" exits 1 mirror_of
check "... with its words" says "apt cannot read its sources"
mirrors_by_name() {
	! grep -rnIE --exclude-dir=build --exclude-dir=.git --exclude-dir=results '://[a-z0-9.-]+\.(org|com|net)(:[0-9]+)?/(debian|ubuntu)(-security)?(/| |$)' "${setup%/*}/.."
}
check "no mirror stands in the project" mirrors_by_name
done_testing
