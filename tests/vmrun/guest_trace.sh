#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# vmrun exec --trace with real guests whose SEV is emulated: all events are in the file, of a guest
# that ends well and of one that dies.
# shellcheck source=tests/tap.sh
. "${0%/*}/../tap.sh"
# shellcheck source=tests/guests.sh
. "${0%/*}/../guests.sh"

bin=${SEVBENCH_BIN:-${0%/*}/../../build/bin}
fault=$bin/../tests/vmrun/fault
if ! "$bin/vmrun" argv --emulate-sev --platform snp >"$scratch/out" 2>&1; then
	skip "the trace of an emulated SEV processor" "$(head -n 1 "$scratch/out")"
	done_testing
fi

# traced NAME COMMAND...: an snp guest, its trace in $scratch/NAME.trace
traced() {
	local name=$1
	shift
	"$bin/vmrun" exec --emulate-sev --platform snp --memory 256M --trace "$scratch/$name.trace" \
		--out "$scratch/$name" -- "$@"
}

# The sum of the counts under a name of report.json's "emulation".
counted() {
	awk -v name="\"$2\"" '$1 == name ":" { on = 1; next } on && /}/ { exit } on { sum += $2 } END { print sum + 0 }' \
		"$scratch/$1/report.json"
}

# every_event NAME KIND COUNTED: as many lines of a kind as were counted
every_event() {
	local lines
	lines=$(grep -c "^[0-9-]* $2 " "$scratch/$1.trace")
	echo "$lines lines of $2, $(counted "$1" "$3") counted"
	[ "$lines" -gt 100 ] && [ "$lines" -eq "$(counted "$1" "$3")" ]
}

no_broken_line() {
	! grep -nvE '^([0-9]+|-) (vc|exit|msr|page|pvalidate|unvalidated|wrong|ap|terminate) ' "$scratch/$1.trace"
}

check "a guest with a trace" exits 0 traced good "$fault" status 0
check "every #VC is in it" every_event good vc vc
check "every exit with a GHCB page" every_event good exit vmgexit
check "every exit with the MSR" every_event good msr vmgexit_msr
check "every PVALIDATE" every_event good pvalidate pvalidate
check "and nothing else" no_broken_line good
check "the report names it" grep -qF "\"trace\": \"$scratch/good.trace\"" "$scratch/good/report.json"
check "it is ours to read" test "$(stat -c %u "$scratch/good.trace")" -eq "$(id -u)"
check "and nothing is left" nothing_left

check "a guest whose Linux dies" exits 1 traced dead "$fault" panic
check "has every #VC in its trace too" every_event dead vc vc
check "to the last line" no_broken_line dead
check "and nothing is left" nothing_left

# The first commands of the page for those who write SEV code, as they stand there.
page() {
	sed -n '/^## For those/,/^\*\*What/{/^build\/bin\/vmrun/,/[^\\]$/p}' "${0%/*}/../../vmrun/emulate/README.md"
}
page | sed "/^\`\`\`/d; s|^build/bin|$(realpath "$bin")|" >"$scratch/page"
KERNEL=$(echo "$(realpath "${0%/*}/../..")"/build/guest/boot/vmlinuz-*)
MODULES=$(echo "$(realpath "${0%/*}/../..")"/build/guest/lib/modules/*)
FIRMWARE=$(realpath "${0%/*}/../../build/ovmf/OVMF.fd")
export KERNEL MODULES FIRMWARE
cd "$scratch" || exit 1
check "the commands of the page" exits 0 bash -e page
check "Linux says what it says there" says "Memory Encryption Features active: AMD SEV SEV-ES SEV-SNP"
check "there are two" test "$(grep -c vmrun page)" -eq 2
check "with logs, counts and a trace" test -s snp/logs/guest.console.log -a -s snp/report.json -a -s snp.trace

done_testing
