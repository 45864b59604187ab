#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# QEMU lists the options of an object, and leaves out the one without which it makes none.
#
# seen      November 2026, qemu-system-x86 10.0.2 (backports of Debian 12)
# surprise  `-object sev-snp-guest,help` prints nine options, and all nine can be left away. Not among
#           them: reduced-phys-bits, which QEMU insists on before it does anything else, and cbitpos,
#           which has to be the processor's own. The help knows properties of the class, and these
#           two belong to each object that is made of it; the monitor's qom-list-properties has them.
#           sev-guest is no better.
# sevbench  takes both as given where there is SEV, and looks for kinds of objects only, never for
#           their options, in QEMU's help: vmrun/qemu/argv.c, vmrun/qemu/dialect.c
# shellcheck source=findings/lib.sh
. "$(dirname "$0")/lib.sh"

tree=$work/tree
fetch "$tree" "bookworm bookworm-backports" "qemu-system-x86=1:10.0.2+ds-2+deb13u1~bpo12+1"

qemu() {
	run_in "$tree" qemu-system-x86_64 -L "$tree/usr/share/qemu" -L "$tree/usr/share/seabios" \
		-accel tcg -machine none -nodefaults -no-user-config -display none "$@"
}

# monitor COMMAND... -- OPTION...: the answers; QEMU ends when it has given them
monitor() {
	local commands=('{"execute": "qmp_capabilities"}')
	while [ "$1" != -- ]; do
		commands+=("$1")
		shift
	done
	shift
	printf '%s\n' "${commands[@]}" '{"execute": "quit"}' | qemu -qmp stdio "$@"
}

# mentions TEXT WORD
mentions() { if grep -q -- "$2" <<<"$1"; then echo yes; else echo no; fi; }

# makes OPTIONS: does QEMU make such an object? What it says instead is in $complaint.
makes() {
	if complaint=$(monitor -- -object "$1" 2>&1 >/dev/null); then made=yes; else made=no; fi
}

for class in sev-snp-guest sev-guest; do
	help=$(qemu -object "$class,help")
	properties=$(monitor '{"execute": "qom-list-properties", "arguments": {"typename": "'$class'"}}' --)
	saw "$class: $(grep -c = <<<"$help") options in its help"
	for name in reduced-phys-bits cbitpos; do
		expect "$class: the help has $name" no "$(mentions "$help" "$name")"
		expect "$class: the monitor has $name" yes "$(mentions "$properties" "\"$name\"")"
	done
	makes "$class,id=sev0"
	saw "$complaint"
	expect "$class: made of what the help has" no "$made"
	expect "$class: the complaint names reduced-phys-bits" yes "$(mentions "$complaint" reduced-phys-bits)"
	makes "$class,id=sev0,reduced-phys-bits=1,cbitpos=51"
	expect "$class: made with what it has not" yes "$made"
done
verdict
