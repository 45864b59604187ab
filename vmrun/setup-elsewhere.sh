# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# For setup.sh: which distribution this is, what Debian's packages are called on it (packages.txt), and
# where it is none that setup.sh installs on, what to install by hand.
#
# SETUP_OS_RELEASE names another file than /etc/os-release, for tests.

names=$(dirname "${BASH_SOURCE[0]}")/packages.txt

# os VARIABLE: a word of os-release; nothing where there is none.
os() {
	# shellcheck disable=SC1090
	(. "${SETUP_OS_RELEASE:-/etc/os-release}" && printf '%s\n' "${!1:-}") 2>/dev/null || true
}

os_name() {
	local name
	name=$(os PRETTY_NAME)
	printf '%s\n' "${name:-unknown}"
}

# What it calls itself, or failing that what it says it is like: debian, a column of packages.txt, or unknown.
distribution() {
	local word
	for word in $(os ID) $(os ID_LIKE); do
		case $word in
		debian | ubuntu | fedora | rhel | arch) echo "$word" && return ;;
		opensuse* | suse | sles) echo opensuse && return ;;
		esac
	done
	echo unknown
}

# at_least VERSION: Debian's testing has no version, and is later than any that has.
at_least() {
	local version
	version=$(os VERSION_ID)
	[ -z "$version" ] || [ "$(printf '%s\n' "$1" "$version" | sort -V | head -n 1)" = "$1" ]
}

# Where setup.sh installs: by apt, and with names that are right there. Others that are like Debian have a
# line to paste.
installs_here() {
	case $(os ID) in
	debian) at_least 12 ;;
	ubuntu) at_least 24.04 ;;
	*) false ;;
	esac
}

# names_of DISTRIBUTION DEBIANS_NAME...: what they are called there, one a line, "- NAME" where that is not known.
names_of() {
	local distribution=$1 name
	shift
	for name; do
		awk -v name="$name" -v distribution="$distribution" '
		/^# Debian.s name/ { for (i = 4; i <= NF; i++) at[$i] = i - 2 }
		$1 == name && distribution in at { found = $at[distribution] }
		END {
			if (found == "-") print "- " name
			else { gsub(",", "\n", found); print found != "" ? found : name }
		}' "$names"
	done | awk '!seen[$0]++'
}

# is_there NAME: a package, or one that stands for it: with t64 in its name, or of another version.
is_there() {
	if command -v dpkg-query >/dev/null; then
		# shellcheck disable=SC2016 # dpkg-query expands them
		[ -n "${dpkg_has:-}" ] || dpkg_has=$(
			dpkg-query -W -f '${db:Status-Status} ${Package}, ${Provides}\n' |
				sed -n 's/^installed //p' | tr ',' '\n' | sed 's/^ *//; s/[ (].*//'
		)
		grep -qxF -- "$1" <<<"$dpkg_has"
	elif command -v rpm >/dev/null; then
		rpm -q --whatprovides "$1" >/dev/null 2>&1
	elif command -v pacman >/dev/null; then
		pacman -T "$1" >/dev/null 2>&1
	else
		false
	fi
}

installer_of() {
	case $1 in
	debian | ubuntu) echo 'apt-get install -y --no-install-recommends' ;;
	fedora | rhel) echo 'dnf install -y' ;;
	opensuse) echo 'zypper install -y' ;;
	arch) echo 'pacman -S --needed' ;;
	esac
}

# What a distribution lacks that is not known can only be said in names that hold everywhere.
name_libraries() {
	local tools=() modules=() p
	for p in "$@"; do
		case $p in
		*:*) modules+=("${p#*:}") ;;
		*) tools+=("$p") ;;
		esac
	done
	cat >&2 <<-WORDS
	setup: this is $(os_name), of which nothing is known here; install these by hand, then run make:
	  libraries, by pkg-config name:    ${modules[*]}
	  the rest, by Debian package name: ${tools[*]}
	WORDS
}

# What stands in no package's name.
say_of() {
	case $1 in
	fedora | rhel | opensuse | arch)
		echo "setup: no static jansson is known there: guest-init is linked with shared libraries, which go along into guests"
		;;
	esac
	case $1 in
	fedora | rhel) echo "setup: its edk2-ovmf has no image that vmrun can take for SEV (OVMF.amdsev.fd refuses -kernel, the others are" \
		"in two parts): name Debian's OVMF.fd (--firmware)" ;;
	esac
	case $1 in
	rhel) echo "setup: some are in CRB and EPEL: dnf config-manager --set-enabled crb && dnf install -y epel-release;" \
		"its QEMU is /usr/libexec/qemu-kvm (--qemu)" ;;
	esac
}

# setup_elsewhere GUEST PACKAGE[:MODULE]...: say what is missing, and fail unless nothing is.
setup_elsewhere() {
	local guest=$1 here name missing=() unknown=() untried=''
	shift
	here=$(distribution)
	if [ "$here" = unknown ]; then
		name_libraries "$@"
		echo "  a guest kernel with its modules:  $guest/boot/vmlinuz-RELEASE, $guest/lib/modules/RELEASE" >&2
		return 1
	fi
	while read -r name; do
		case $name in
		"- "*) unknown+=("${name#- }") ;;
		*) is_there "$name" || missing+=("$name") ;;
		esac
	done < <(names_of "$here" "${@%%:*}")
	[ "$(names_of "$here" tried)" != no ] || untried=', and where it was not tried'
	{
		echo "setup: this is $(os_name), where this script installs nothing$untried"
		[ ${#missing[@]} -eq 0 ] || printf 'setup: as root, then run make:\n  %s %s\n' "$(installer_of "$here")" "${missing[*]}"
		[ ${#unknown[@]} -eq 0 ] || echo "setup: under what name it has these of Debian's is not known: ${unknown[*]}"
		[ ${#missing[@]} -eq 0 ] || say_of "$here"
		compgen -G "$guest/boot/vmlinuz-*" >/dev/null ||
			echo "setup: guests get the running kernel with --guest-kernel auto, where it fits; its headers, for make module:" \
				"$(names_of "$here" linux-headers-cloud-amd64)"
	} >&2
	[ ${#missing[@]} -eq 0 ] || return 1
	echo "setup: nothing to do"
}
