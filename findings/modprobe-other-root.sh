#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# modprobe, sent to another system's root folder, takes the modules from there and the rules from here.
#
# seen      November 2026, kmod 30 (Debian 12), 34.2 (Debian 13) too
# surprise  `modprobe --dirname ROOT` is for another system's tree: an image, a guest. It reads the modules
#           and their aliases under ROOT/lib/modules, but nothing of ROOT/etc/modprobe.d: options, aliases
#           and blacklists come from the machine that it runs on, and the other system's own are passed
#           over without a word. So does libkmod's kmod_new(), for whatever folder, when it is not told
#           where rules are.
# sevbench  hands kmod_new() an empty list, so that no machine's rules shape a guest: vmrun/image/modules.c
#
# Nothing is loaded: modprobe prints what it would go by.
# shellcheck source=findings/lib.sh
. "$(dirname "$0")/lib.sh"

tree=$work/tree
fetch "$tree" bookworm kmod=30+20221128-1

release=6.1.0-made-up
mkdir -p "$work/root/etc/modprobe.d" "$work/root/lib/modules/$release"
echo "options of_the_root answer=42" >"$work/root/etc/modprobe.d/rules.conf"

# rules OPTION...: what modprobe goes by, without the modules' own aliases, which come behind it
rules() {
	command_in "$tree" bin/kmod
	# Which of kmod's programs it is hangs on the name that it was started by.
	"${command[@]/#kmod/modprobe}" --showconfig --set-version $release "$@" | sed '/^# End of configuration/,$d'
}

here=$(rules)
there=$(rules --dirname "$work/root")
named=$(rules --dirname "$work/root" --config "$work/root/etc/modprobe.d")
saw "rules of this machine: $(grep -c . <<<"$here" || true)" "with the other root: $(grep -c . <<<"$there" || true)"
expect "the other root's rule counts" no "$(grep -q of_the_root <<<"$there" && echo yes || echo no)"
expect "the rules are this machine's" yes "$([ "$here" = "$there" ] && echo yes || echo no)"
expect "the other root's rule counts when its folder is named" yes \
	"$(grep -q of_the_root <<<"$named" && echo yes || echo no)"
verdict
