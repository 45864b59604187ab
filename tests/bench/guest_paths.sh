#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The paths of world switches, counted: each operation in emulated sev, sev-es and snp guests, its #VC
# and VMGEXIT held against analysis/reference/switches.csv. With PATHS_OF=all in those of every Linux
# that is unpacked under build/guest* with headers, else in those of the one that make setup brings. The table of all
# of them goes to the file that PATHS_TABLE names.
# shellcheck source=tests/tap.sh
. "${0%/*}/../tap.sh"
# shellcheck source=tests/guests.sh
. "${0%/*}/../guests.sh"

bin=$(realpath "${SEVBENCH_BIN:-${0%/*}/../../build/bin}")
top=$(realpath "${0%/*}/../..")
table=${PATHS_TABLE:-$scratch/table}

# A QEMU whose emulated processor gets one option more than vmrun gives it.
qemu_with() {
	cat >"$scratch/qemu-$1" <<-WRAPPER
		#!/bin/sh
		for word; do
			case \$word in *sevemu-api*) word=\$word,$1 ;; esac
			set -- "\$@" "\$word"
			shift
		done
		exec $qemu "\$@"
	WRAPPER
	chmod 755 "$scratch/qemu-$1"
}

# The QEMU that emulates SEV is vmrun's choice.
find_qemu() {
	qemu=$("$bin/vmrun" argv --emulate-sev --platform snp 2>"$scratch/why" | tr ' ' '\n' | head -n 1)
	[ -x "$qemu" ]
}

# count SUITE PLATFORMS RELEASE [OPTION...]: the summary is $scratch/SUITE-RELEASE/summary.csv.
count() {
	local suite=$1 platforms=$2 release=$3 guest=${tree%/lib/modules/*}
	shift 3
	# 0, or 1 where a cell failed: its row says why, and counts below.
	"$bin/sevbench" run --emulate-sev --suite "$suite" --platforms "$platforms" --cooldown 0 \
		--guest-kernel "$guest/boot/vmlinuz-$release" --guest-modules "$tree" "$@" || [ $? -eq 1 ]
}

# rows SUMMARY RELEASE: operation, platform, Linux, expected, counted, verdict and what else there is to
# say, with tabs between.
rows() {
	awk -v release="$2" '
	function split_csv(line, to,    n, rest, quoted) {
		n = 0
		for (rest = line ","; rest != ""; ) {
			quoted = match(rest, /^"([^"]|"")*",/)
			if (!quoted)
				match(rest, /^[^,]*,/)
			to[++n] = substr(rest, 1 + (quoted > 0), RLENGTH - 1 - 2 * (quoted > 0))
			rest = substr(rest, RLENGTH + 1)
		}
		return n
	}
	function get(name) { return field[at[name]] }
	NR == 1 { n = split_csv($0, field); for (i = 1; i <= n; i++) at[field[i]] = i; next }
	{
		split_csv($0, field)
		verdict = get("exits_check") == "" ? "no claim" : get("exits_check")
		expected = get("vc_expected") == "" ? "-" : get("vc_expected") "/" get("vmgexit_expected")
		if (get("pvalidate_expected") != "")
			expected = expected "/" get("pvalidate_expected")
		counted = sprintf("%.3f/%.3f", get("vc"), get("vmgexit"))
		more = ""
		if (get("status") != "ok") {
			verdict = get("status")
			counted = "-"
			more = get("reason")
		} else if (get("vc") == "") {
			verdict = "not counted"
			counted = "-"
		} else if (get("pvalidate") > 0.5)
			more = sprintf("%.3f PVALIDATE, %.3f page states", get("pvalidate"), get("page_states"))
		OFS = "\t"
		print get("kernel") "/" get("variant") (get("params") == "" ? "" : " " get("params")), get("platform"), release, expected, counted, verdict, more
	}' "$1"
}

# how_many VERDICT [PLATFORM RELEASE]: so many rows have it.
how_many() {
	awk -F '\t' -v verdict="$1" -v platform="${2:-}" -v release="${3:-}" '
	$6 == verdict && (platform == "" || $2 == platform && $3 == release) { n++ }
	END { print n + 0 }' "$scratch/rows"
}

# Every claim is right, and enough of them were counted for that to mean something.
all_right() {
	awk -F '\t' -v platform="$1" -v release="$2" '$2 == platform && $3 == release &&
		$6 != "right" && $6 != "no claim" && $6 != "skipped"' "$scratch/rows"
	echo "$(how_many right "$1" "$2") right, $(how_many wrong "$1" "$2") wrong"
	[ "$(how_many right "$1" "$2")" -ge 40 ] && [ "$(how_many wrong "$1" "$2")" -eq 0 ] &&
		[ "$(how_many failed "$1" "$2")" -eq 0 ] && [ "$(how_many 'not counted' "$1" "$2")" -eq 0 ]
}

# In user mode and in ring 0, in each mode.
hypercalls_are_right() {
	awk -F '\t' -v release="$1" '
	$1 ~ /hypercall/ && $3 == release { print; right += $6 == "right" }
	END { exit right != 6 }' "$scratch/rows"
}

is_wrong() {
	rows "$scratch/blind/summary.csv" "$1" | awk -F '\t' '
	{ print }
	$1 == "ring0_mmio/read" && $4 == "1/1" && $6 == "wrong" { wrong = 1 }
	$1 == "cpuid/0x0" && $4 == "1/0" && $6 == "right" { right = 1 }
	END { exit !wrong || !right }'
}

# On a host whose RMP has small pages alone: small pages are validated and adjusted, large ones are not.
mismatches() {
	rows "$scratch/blind/summary.csv" "$1" | awk -F '\t' '
	{ print }
	$1 ~ /^(pvalidate|rmpadjust)\/no_change$/ && $6 == "right" { small++ }
	$1 ~ /^(pvalidate|rmpadjust)\/2m_no_change$/ && $6 == "skipped" && $7 ~ /size mismatch.*\(6\)/ { large++ }
	END { exit small != 2 || large != 2 }'
}

print_table() {
	{
		printf 'operation\tplatform\tLinux\texpected\tcounted\tverdict\t(#VC/VMGEXIT/PVALIDATE of an operation)\n'
		cat "$scratch/rows"
	} | awk -F '\t' '{ printf "%-44s %-8s %-28s %8s %13s  %-11s  %s\n", $1, $2, $3, $4, $5, $6, $7 }' |
		sed 's/ *$//'
	echo "$(how_many right) right, $(how_many wrong) wrong, $(how_many skipped) skipped," \
		"$(how_many 'no claim') without a claim, $(how_many failed) failed, $(how_many 'not counted') not counted"
}

trees=("$top"/build/guest/lib/modules/*/build)
[ "${PATHS_OF:-}" != all ] || trees=("$top"/build/guest*/lib/modules/*/build)
trees=("${trees[@]%/build}")
if [ ! -d "${trees[0]}" ]; then
	skip "the paths" "no guest kernel is unpacked: run 'make setup'"
	done_testing
elif ! find_qemu; then
	skip "the paths" "SEV cannot be emulated here: $(tail -n 1 "$scratch/why")"
	done_testing
fi
qemu_with kvm=beside
qemu_with mmio=off,rmp=4k
cat >"$scratch/blind.suite" <<'SUITE'
rounds 1
default --samples 2 --iterations 2000 --warmup-us 1
kernel ring0_mmio --variant read
kernel cpuid --variant 0x0
kernel pvalidate --variant no_change,2m_no_change
kernel rmpadjust --variant no_change,2m_no_change
SUITE
: >"$scratch/rows"
for tree in "${trees[@]}"; do
	release=${tree##*/}
	"$top/kernels/build-module.sh" "$tree/build" "$top/build/module" >"$scratch/kbuild" 2>&1 || cat "$scratch/kbuild"
	check "$release: every operation in guests of each mode" count "${0%/*}/paths.suite" sev,sev-es,snp \
		"$release" --out "$scratch/all-$release"
	check "$release: hypercalls" count "${0%/*}/paths-kvm.suite" sev,sev-es,snp "$release" \
		--qemu "$scratch/qemu-kvm=beside" --out "$scratch/kvm-$release"
	for run in all kvm; do
		rows "$scratch/$run-$release/summary.csv" "$release" >>"$scratch/rows"
	done
	for platform in sev sev-es snp; do
		check "$release: #VC and VMGEXIT on $platform are those of switches.csv" all_right "$platform" "$release"
	done
	check "$release: so are those of hypercalls" hypercalls_are_right "$release"
done
check "a processor that raises no #VC for MMIO" count "$scratch/blind.suite" snp "$release" \
	--qemu "$scratch/qemu-mmio=off,rmp=4k" --out "$scratch/blind"
check "is found to be wrong" is_wrong "$release"
check "and a page of 2 MiB on a host that has small ones is skipped, not failed" mismatches "$release"
check "and nothing is left of any guest" nothing_left
print_table >"$table"
done_testing
