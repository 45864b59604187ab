# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# For scripts that fetch packages of a Debian release other than this machine's, which apt has no
# sources for: where this machine gets Debian from. A site may have a mirror of its own, and no way
# to any other.

# apt_targets FORMAT [OPTION]: what apt would fetch, by its own reading of its sources.
apt_targets() {
	apt-get indextargets "${@:2}" --format "$1" 'Identifier: Packages'
}

# apt_mirror: print the address of Debian's archive, as this machine's own sources have it, whatever
# their form. Fails with a sentence where there is none.
apt_mirror() {
	local os_release=${SETUP_OS_RELEASE:-/etc/os-release} codename all found
	# shellcheck disable=SC1090
	codename=$(. "$os_release" 2>/dev/null && echo "${VERSION_CODENAME:-}") || codename=
	# shellcheck disable=SC2016 # apt expands them
	all=$(apt_targets '$(COMPONENT) $(RELEASE) $(REPO_URI)' --no-release-info 2>&1) || {
		printf 'apt cannot read its sources in /etc/apt: %s\n' "$(head -n 1 <<<"$all")" >&2
		return 1
	}
	# Whose an archive is stands in the lists. Until they are fetched the release has to tell.
	# shellcheck disable=SC2016
	found=$(apt_targets '$(ORIGIN) $(COMPONENT) $(RELEASE) $(REPO_URI)' 2>/dev/null |
		awk '$1 == "Debian" && $2 == "main" && $3 !~ /[-\/]/ { print $4; exit }')
	[ -n "$found" ] || found=$(awk -v codename="$codename" \
		'$1 == "main" && $2 == codename { print $3; exit }' <<<"$all")
	[ -n "$found" ] || {
		echo "no source of apt's in /etc/apt is Debian's archive (component main): add one, and run 'apt-get update'" >&2
		return 1
	}
	printf '%s\n' "${found%/}"
}

# apt_apart FOLDER SUITE...: an apt apart from the machine's in FOLDER, for these suites of Debian, the
# last one first in rank: with lists and a cache of its own, and a status file that says that nothing
# is installed, so that what a package depends on comes along. Use it with APT_CONFIG=FOLDER/apt.conf.
# Fails with a sentence where that cannot be.
apt_apart() {
	local folder=$1 keyring=/usr/share/keyrings/debian-archive-keyring.gpg mirror need suite
	shift
	for need in apt-get dpkg-deb "$keyring"; do
		command -v "$need" >/dev/null || [ -e "$need" ] || {
			echo "this needs Debian's $need" >&2
			return 1
		}
	done
	mirror=$(apt_mirror) || return 1
	mkdir -p "$folder/lists/partial" "$folder/archives/partial" "$folder/parts"
	folder=$(realpath "$folder")
	: >"$folder/status"
	for suite; do
		echo "deb [arch=amd64 signed-by=$keyring] $mirror $suite main"
	done >"$folder/sources.list"
	cat >"$folder/apt.conf" <<-EOF
	Dir::State "$folder";
	Dir::State::status "$folder/status";
	Dir::Cache "$folder";
	Dir::Etc::sourcelist "$folder/sources.list";
	Dir::Etc::sourceparts "$folder/parts";
	Dir::Etc::preferencesparts "$folder/parts";
	APT::Architecture "amd64";
	APT::Architectures "amd64";
	APT::Default-Release "$suite";
	APT::Sandbox::User "root";
	APT::Install-Recommends "false";
	APT::Update::Error-Mode "any";
	Acquire::Languages "none";
	EOF
	APT_CONFIG=$folder/apt.conf apt-get -qq update >"$folder/log" 2>&1 || {
		echo "this machine's mirror of Debian does not give $*: $(tail -n 1 "$folder/log")" >&2
		return 1
	}
}
