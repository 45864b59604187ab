#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The doctor decodes CPUID 0x8000001F as the program cpuid does: bit by bit, and on recorded hosts.
# shellcheck source=tests/tap.sh
. "${0%/*}/../tap.sh"

vmrun=${SEVBENCH_BIN:-${0%/*}/../../build/bin}/vmrun
root=$scratch/root
mkdir -p "$root/recorded"

# section: the lines about the leaf, without indents.
section() {
	sed -n '/AMD Secure Encryption/,/minimum SEV guest ASID/p' | sed 's/^ *//'
}

# Debian 12's program is of 2023 and knows less, and two by an older name. Of ours, what it has a word for.
newest() {
	sed 's,\(full debug state swap\|IBS virtual support\) for SEV-ES guests ,\1 for SEV-ES/SEV-SNP,'
}
known_to_theirs() {
	if [[ $(cpuid --version) =~ ([0-9]{8}) && ${BASH_REMATCH[1]} -lt 20250316 ]]; then
		grep -F -f <(sed 's/ *=.*//' "$scratch/theirs")
	else
		cat
	fi
}

# alike: both programs print the same of $root/recorded/cpuid, and something.
alike() {
	cpuid -1 -f "$root/recorded/cpuid" | section | newest >"$scratch/theirs"
	"$vmrun" doctor --verbose --root "$root" | section | known_to_theirs >"$scratch/ours"
	test "$(wc -l <"$scratch/theirs")" -gt 20 && diff "$scratch/theirs" "$scratch/ours"
}

# leaf EAX EBX ECX EDX: record an AMD processor whose leaf holds these.
leaf() {
	{
		echo "CPU:"
		echo "   0x00000000 0x00: eax=0x00000010 ebx=0x68747541 ecx=0x444d4163 edx=0x69746e65"
		echo "   0x80000000 0x00: eax=0x80000023 ebx=0x68747541 ecx=0x444d4163 edx=0x69746e65"
		printf '   0x8000001f 0x00: eax=0x%08x ebx=0x%08x ecx=0x%08x edx=0x%08x\n' "$@"
	} >"$root/recorded/cpuid"
}

if ! command -v cpuid >/dev/null; then
	skip "the program cpuid" "the program cpuid is not installed: make setup-tests"
	done_testing
fi
for ((bit = 0; bit < 32; bit++)); do
	leaf $((1 << bit)) $((1 << bit)) $((1 << bit)) $((1 << (31 - bit)))
	check "bit $bit of every register" alike
done
for host in "${0%/*}"/hosts/*.host; do
	grep -q '0x8000001f' "$host" || continue
	sed -n '\,^== recorded/cpuid,,\,^== recorded/release,{/^==/d;p}' "$host" >"$root/recorded/cpuid"
	check "$(basename "$host" .host)" alike
done
done_testing
