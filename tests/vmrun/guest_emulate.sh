#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Guests whose SEV is emulated (vmrun/emulate), on the QEMU that make setup brings: each is the mode that was asked for, what
# #VC, GHCB and page states change for a program in it is as sev, sev-es and snp have it, and what cannot be is said.
# shellcheck source=tests/tap.sh
. "${0%/*}/../tap.sh"
# shellcheck source=tests/guests.sh
. "${0%/*}/../guests.sh"
# shellcheck source=tests/vmrun/firmware.sh
. "${0%/*}/firmware.sh"

bin=${SEVBENCH_BIN:-${0%/*}/../../build/bin}
vmrun=$bin/vmrun
build=$(realpath "${0%/*}/../../build")
system_ovmf=/usr/share/ovmf/OVMF.fd

if ! "$vmrun" argv --emulate-sev --platform snp >"$scratch/out" 2>&1; then
	skip "emulated SEV" "$(head -n 1 "$scratch/out")"
	done_testing
	exit
fi
# The QEMU, the plugin and the firmware that vmrun found.
qemu=$(sed -n '1s/ .*//p' "$scratch/out")
plugin=$(sed -n 's/.*-plugin \([^,]*\),.*/\1/p' "$scratch/out")
firmware=$(sed -n 's/.*-bios \([^ ]*\).*/\1/p' "$scratch/out")

# launch NAME MODE [OPTION...] -- COMMAND...: its files go to $scratch/NAME. Nothing here takes a minute.
launch() {
	local name=$1 mode=$2
	shift 2
	"$vmrun" exec --emulate-sev --platform "$mode" --prove --deadline 120 --out "$scratch/$name" "$@"
}

# What the guest itself said when it came up, in its report.
said() {
	sed -n '/^  "hello": {/,/^  }/p' "$scratch/$1/report.json" | grep -qF "$2" || {
		sed -n '/^  "hello": {/,/^  }/p' "$scratch/$1/report.json"
		return 1
	}
}

reports() {
	grep -qF "$2" "$scratch/$1/report.json" || {
		cat "$scratch/$1/report.json"
		return 1
	}
}

# cells NAME KERNEL STATUS: has it rows, and are all of them so?
cells() {
	awk -F, -v kernel="$2" -v status="$3" '
		$1 == "schema" { for (i = 1; i <= NF; i++) at[$i] = i; next }
		$at["kernel"] == kernel { rows++; if ($at["status"] != status) { print; wrong = 1 } }
		END { if (!rows) print "no rows"; exit wrong || !rows }' "$scratch/$1/output"
}

# All that a program sees of its mode, in one guest: of a shell that is linked dynamically, as are the programs.
small='--warmup-us 0 --skip --samples 2'
batch="$small --iterations 2000"
look="bench-mmio $batch; bench-ioport $batch; bench-cpuid $batch; bench-convert $small --param pages_converted=1,8,512; bench-pvalidate $small; bench-rmpadjust $small
	bench-chase --size 64K --variant random --pages 4k --backing private,twin,shared --iterations 200000 $small
	encrypted_inside"
programs=(--program "$bin/../tests/vmrun/encrypted_inside" --program "$bin/../tests/vmrun/attest")
for kernel in mmio ioport cpuid convert pvalidate rmpadjust chase; do
	programs+=(--program "$bin/bench-$kernel")
done

prints() {
	grep -qE "^$2\$" "$scratch/$1/output" || {
		grep -v , "$scratch/$1/output"
		return 1
	}
}

# A conversion of 2 MiB and back, in PVALIDATE: 1024 of small pages up to Linux 6.1, later two of a large one.
converts_by() {
	grep -E "convert/2m pages_converted=512: .*PVALIDATE $1\." "$scratch/out" || {
		grep convert/2m "$scratch/out"
		return 1
	}
}

# What is so in every mode: check_mode NAME MODE
check_mode() {
	local kernel
	check "$1: it says that it is" said "$1" "\"platform\": \"$2\""
	[ ${#two[@]} -eq 0 ] || check "$1: of two vCPUs" said "$1" '"cpus": 2'
	check "$1: the command line is explained" reports "$1" '"unexplained": 0'
	for kernel in ioport cpuid chase; do
		check "$1: $kernel works" cells "$1" $kernel ok
	done
	check "$1: ports that ioperm allows are there" prints "$1" 'IN after ioperm: works'
	check "$1: nothing is left" nothing_left
}

check_plain() {
	check "$1: nothing is converted" cells "$1" convert skipped
	check "$1: devices reach memory themselves" prints "$1" 'bounce buffers: this Linux has no pool of them'
	check "$1: the host reads what it keeps to itself" reports "$1" '"verdict": "visible"'
	check "$1: nobody emulates its SEV" test "$(grep -c '"sev_by"' "$scratch/$1/report.json")" -eq 0
}

check_encrypted() {
	check "$1: the host does not find what it keeps to itself" reports "$1" '"verdict": "not visible"'
	check "$1: by emulation" reports "$1" '"sev_by": "emulation"'
	check "$1: the report has nothing that its page does not describe" exits 0 tests/vmrun/check-report "$scratch/$1/report.json"
	check "$1: so do the rows say" grep -q ',emulation,' "$scratch/$1/output"
	check "$1: pages are converted, small and large" cells "$1" convert ok
	check "$1: devices reach memory through bounce buffers" prints "$1" 'bounce buffers: [1-9][0-9]* of [0-9]+ slots in use'
	check "$1: no access to a page was wrong" test "$(grep -cE '"(unvalidated|wrong_[a-z]*)"' "$scratch/$1/report.json")" -eq 0
}

check_without_vc() {
	check "$1: devices' memory is reached from user mode" cells "$1" mmio ok
	check "$1: so are ports that iopl allows" prints "$1" 'IN after iopl: works'
}

check_with_vc() {
	check "$1: user mode reaches no devices' memory" cells "$1" mmio skipped
	check "$1: Linux ends that with SIGBUS" grep -q 'Linux ends user-mode MMIO with Bus error where #VC' "$scratch/$1/output"
	check "$1: for a port iopl is not enough" prints "$1" 'IN after iopl: Segmentation fault'
	sed -n '/"vc": {/,/}/p' "$scratch/$1/report.json" >"$scratch/vc"
	check "$1: #VC was counted for CPUID, under its exit code" grep -qE '"0x72": [0-9]' "$scratch/vc"
}

# attested NAME: what the processor was asked for is answered, and what it signs is marked.
attested() {
	prints "$1" 'report: status 0, 1184 of 1184 bytes' &&
		prints "$1" "report: for 'a nonce'" &&
		prints "$1" "report: measurement 'sevbench emulated SEV-SNP, no hardware sevbench '" &&
		prints "$1" 'report: chip marked' &&
		prints "$1" 'report: signed by its key' &&
		prints "$1" 'report: changed, it is not signed'
}

derives_keys() {
	prints "$1" 'key: there' && prints "$1" 'key: the same again' && prints "$1" 'key: another of something else'
}

# --- each mode, with two vCPUs, on two versions of Linux -----------------------------------------------

# linux_of GUEST: the kernel that is unpacked there, and its modules.
linux_of() {
	echo --guest-kernel "$1"/boot/vmlinuz-* --guest-modules "$1"/lib/modules/*
}
older=() kernel=$(echo "$build"/guest/boot/vmlinuz-*)
if compgen -G "$build/guest-6.1/boot/vmlinuz-*" >/dev/null; then
	read -ra older <<<"$(linux_of "$build/guest-6.1")"
else
	skip "Linux 6.1" "it is not unpacked: make setup-tests does that"
fi
two=()
if [ "$(nproc)" -gt 1 ]; then
	two=(--vcpus 2)
fi
for mode in nosev sev sev-es snp; do
	check "a guest of $mode" exits 0 launch $mode $mode "${older[@]}" "${two[@]}" "${programs[@]}" -- /bin/sh -c "$look"
	[ $mode != snp ] || case ${older[1]:-$kernel} in
	*/vmlinuz-6.1.*) check "snp: Linux 6.1 converts page by page" converts_by '[0-9]{4}' ;;
	*) check "snp: a later Linux converts 2 MiB at once" converts_by '[0-9]' ;;
	esac
	check_mode $mode $mode
done

# The second one has 5 GiB and a driver of guest requests, which gets its cipher from two modules that it does not name.
names=(nosev sev sev-es snp)
release=${kernel##*/vmlinuz-}
case $release in
6.12.*)
	for mode in nosev sev sev-es; do
		check "$release as $mode" exits 0 launch "later-$mode" $mode "${two[@]}" --module sev-guest "${programs[@]}" -- \
			/bin/sh -c "$look"
		check "later-$mode: has no guest requests, as it says" says "Linux refuses the module /lib/modules/sev-guest.ko: No such device"
		check_mode "later-$mode" $mode
	done
	check "$release as snp, of 5 GiB" exits 0 launch later-snp snp "${two[@]}" --memory 5G --module ghash-generic \
		--module gcm --module sev-guest "${programs[@]}" --program "$bin/bench-attest" -- \
		/bin/sh -c "$look; bench-attest $small; bench-attest --environment; attest"
	check "later-snp: it converts 2 MiB at once" converts_by '[0-9]'
	check_mode later-snp snp
	check "later-snp: it says that it is $release" said later-snp "\"release\": \"$release\""
	check "later-snp: all its memory was accepted" prints later-snp 'unaccepted memory: 0 MiB'
	check "later-snp: its processor reports" attested later-snp
	check "later-snp: and derives keys" derives_keys later-snp
	for variant in report derived_key ext_report tsm_report; do
		check "later-snp: attest/$variant is measured" grep -q "attest,$variant,.*,ok," "$scratch/later-snp/output"
	done
	check "later-snp: its report is described" grep -q '"policy": "0x30000"' "$scratch/later-snp/output"
	check "later-snp: as one of emulation" grep -q '"emulated": true' "$scratch/later-snp/output"
	names+=(later-nosev later-sev later-sev-es later-snp)

	check "a guest that accepts its memory when it needs it" exits 0 launch lazy snp "${two[@]}" --memory 5G \
		--append accept_memory=lazy "${programs[@]}" --program "$bin/bench-touch" -- /bin/sh -c "encrypted_inside
		bench-touch --variant unaccepted --size 16M --samples 4096 --pages 4k
		bench-touch --variant unaccepted --size 32M --samples 16 --pages thp
		bench-touch --variant fresh --size 1M --samples 8 --pages 4k || [ \$? -eq 77 ]"
	check "has not done so with most of it" prints lazy 'unaccepted memory: [1-9][0-9]{3} MiB'
	check "... until it is touched, by small pages" grep -q ',unaccepted,.*,4k,.*,op,.*,ok,' "$scratch/lazy/output"
	check "... and by large ones" grep -q ',unaccepted,.*,thp,.*,op,.*,ok,' "$scratch/lazy/output"
	check "... and what is fresh may be accepted or not" grep -q 'has not accepted [0-9]* MiB of this guest' "$scratch/lazy/output"
	check "nothing is left" nothing_left
	;;
*) skip "Linux 6.12" "that under build/guest is $release" ;;
esac

for name in "${names[@]}"; do
	case $name in
	*nosev) check_plain "$name" ;;
	*) check_encrypted "$name" ;;
	esac
	case $name in
	*nosev | *sev) check_without_vc "$name" ;;
	*) check_with_vc "$name" ;;
	esac
	case $name in
	*snp)
		check "$name: pages are validated and not" cells "$name" pvalidate ok
		check "$name: what VMPL 1 may do with them is changed" cells "$name" rmpadjust ok
		;;
	*)
		check "$name: there is nothing to validate" cells "$name" pvalidate skipped
		check "$name: nor permissions of VMPL 1" cells "$name" rmpadjust skipped
		;;
	esac
done
check "sev: has no #VC" reports sev '"vc": {}'

# The plain guest that is measured beside them has their QEMU, processor, firmware and words: all but the plugin.
arguments() {
	sed -n '/^  "argv": \[/,/^  \]/p' "$scratch/$1/report.json" | sed 's/vmrun-[A-Za-z0-9]*/vmrun/g; s/,$//'
}
the_plugin_alone() {
	diff <(arguments nosev) <(arguments "$1") | tee "$scratch/diff"
	[ "$(grep -c '^[<>]' "$scratch/diff")" -eq 2 ] && grep -q '^>     "-plugin"$' "$scratch/diff" &&
		grep -q "^>     \"$plugin,mode=$1," "$scratch/diff"
}
for mode in sev sev-es snp; do
	check "$mode: differs from nosev by the plugin alone" the_plugin_alone $mode
done
check "nosev: differs from itself by nothing" reports nosev '"settings": []'

# --- four vCPUs, and QEMU 11 ----------------------------------------------------------------------------

# By hand, as README.md in vmrun/emulate has it, for vmrun wants a CPU for each vCPU. There is no root file system, so
# that Linux ends when it has come up: by_hand MODE QEMU [OPTION...]
by_hand() {
	local api=7 without=erms,fsrm
	case $("$2" --version) in *"version 10."*) api=4 ;; esac
	[ "$1" != snp ] || without=$without,xsavec
	timeout 150 "$2" -nodefaults -display none -no-reboot -accel tcg -plugin "${plugin%/*}/sevemu-api$api.so,mode=$1" \
		-machine q35 -cpu max,-mpx,-la57,phys-bits=52 -smp 4 -m 512M -bios "$firmware" \
		-serial "file:$scratch/by-hand" -kernel "$(echo "$build"/guest/boot/vmlinuz-*)" \
		-append "console=ttyS0 panic=-1 clearcpuid=$without no_timer_check" "${@:3}"
}

# four MODE QEMU ACTIVE: what Linux calls it
four() {
	check "$1 on ${2#"$build/"} by hand, with four vCPUs" by_hand "$1" "$2"
	check "... is what it is" grep -aq "Memory Encryption Features active: AMD $3"$'\r*$' "$scratch/by-hand"
	check "... and has them" grep -aq 'Brought up 1 node, 4 CPUs' "$scratch/by-hand"
}

# Where the three vCPUs are that wait in AP reset hold, as QEMU's monitor says it.
places() {
	echo 'info registers -a' 1<>"$scratch/monitor.in"
	timeout 60 sed -n '/^EIP=/p; /^CPU#3/,/IP=/{/IP=/q}' <>"$scratch/monitor.out"
}

# An NMI for each of them, as a message to its APIC (Linux, asm/msi.h; APIC_DELIVERY_MODE_NMI in asm/apicdef.h). QEMU says OK when
# it is sent. The timer's interrupt, masked, woke them too, but by luck: it had to come between two looks of QEMU.
send_nmis() {
	printf 'writel 0xfee0%u000 0x400\n' 1 2 3 1<>"$scratch/qtest.in"
	timeout 60 sed 3q <>"$scratch/qtest.out"
	sleep 1
}

# The three are not started, disturbed, and then the guest is reset: disturb QEMU. What QEMU says goes to $scratch/said.
disturb() {
	local before after up=0
	rm -f "$scratch"/{monitor,qtest}.{in,out} "$scratch/by-hand"
	mkfifo "$scratch"/{monitor,qtest}.{in,out}
	by_hand sev-es "$1" -action reboot=reset -monitor "pipe:$scratch/monitor" -qtest "pipe:$scratch/qtest" -qtest-log none \
		-append "console=ttyS0 panic=100 clearcpuid=erms,fsrm no_timer_check maxcpus=1" 2>"$scratch/said" &
	until grep -aqs 'Brought up 1 node, 1 CPU' "$scratch/by-hand" || [ $((up++)) -eq 240 ]; do sleep 0.5; done
	before=$(places)
	send_nmis
	after=$(places)
	echo system_reset 1<>"$scratch/monitor.in"
	wait $!
	echo "status $?" >>"$scratch/said"
	printf '%s\n' "$before" "$after"
	[ "$(grep -c HLT=1 <<<"$before")" -eq 3 ] && [ "$before" = "$after" ]
}

emulators=("$qemu")
other=$build/qemu-11/qemu-system-x86_64
if [ -e "$other" ] && [ "$other" != "$qemu" ]; then
	emulators+=("$other")
	check "a guest of snp on QEMU 11" exits 0 launch eleven snp --qemu "$other" -- /bin/sh -c 'echo here'
	check "says that it is" said eleven '"platform": "snp"'
	check "nothing is left" nothing_left
else
	skip "a guest of snp on QEMU 11" "it is not there: make setup-qemu unpacks it"
fi
for emulator in "${emulators[@]}"; do
	four sev-es "$emulator" 'SEV SEV-ES'
	four snp "$emulator" 'SEV SEV-ES SEV-SNP'
	check "sev-es on ${emulator#"$build/"}: what is in AP reset hold is woken by a start alone" disturb "$emulator"
	check "... and a guest that is reset ends" grep -q '^sevemu: the guest is reset' "$scratch/said"
	check "... and QEMU fails" grep -q '^status 1$' "$scratch/said"
done

# --- what is not what was asked for --------------------------------------------------------------------

# wrapper NAME FROM TO: a QEMU that is given one word otherwise
wrapper() {
	cat >"$scratch/qemu-$1" <<-WRAPPER
		#!/bin/bash
		exec "$qemu" "\${@/$2/$3}"
	WRAPPER
	chmod 755 "$scratch/qemu-$1"
}
wrapper weaker mode=sev-es mode=sev
check "a guest of sev that was to be sev-es" exits 1 launch weaker-sev-es sev-es --qemu "$scratch/qemu-weaker" -- /bin/sh -c 'echo measured'
check "is told apart" says "a guest of platform sev-es was asked for, but it says it is sev"
check "and nothing runs in it" test ! -s "$scratch/weaker-sev-es/output"
check "nothing is left" nothing_left
wrapper other mode=snp mode=sev-es
printf 'rounds 1\ndefault --samples 2 --iterations 100\nkernel cpuid --variant 0x0\n' >"$scratch/tiny.suite"
check "a run with a guest of sev-es that was to be snp" exits 1 "$bin/sevbench" run --emulate-sev --platforms snp \
	--suite "$scratch/tiny.suite" --cooldown 0 --qemu "$scratch/qemu-other" --out "$scratch/other-snp"
check "fails of that" says "a guest of platform snp was asked for, but it says it is sev-es"
check "and has measured nothing" test "$(grep -c ',ok,' "$scratch/other-snp/samples.csv")" -eq 0
check "nothing is left" nothing_left

# The OVMF of Debian 12 stores into 14 pages before it validates them: counted by default, for what is wanted is the guest.
if [ -e "$system_ovmf" ] && ! cmp -s "$system_ovmf" "$firmware" && grep -q 'VERSION_ID="12"' /etc/os-release; then
	check "a guest of snp with the firmware of Debian 12" exits 0 launch bookworm snp --firmware "$system_ovmf" -- /bin/sh -c 'echo here'
	check "has stored where it may not" reports bookworm '"unvalidated": 14'
	check "which is said" grep -q 'sevemu: this firmware is older than' "$scratch/bookworm/logs/guest.qemu.log"
	# OVMF has no answer to the #VC. KVM would end it where it says so.
	wrapper strict mode=snp mode=snp,check=enforce
	check "as on hardware it dies of that" exits 1 launch strict snp --qemu "$scratch/qemu-strict" --firmware "$system_ovmf" -- \
		/bin/sh -c 'echo here'
	check "which is said" says "the guest gives up: it has no answer to #VC 0x404 (page not validated)"
	check "nothing is left" nothing_left
else
	skip "the firmware of Debian 12" "this is not Debian 12 with that and a later one"
fi

# --- bad input ------------------------------------------------------------------------------------------

# refused STATUS NAME TEXT OPTION...: a guest of snp, or what an option says, is refused in one sentence.
refused() {
	local status=$1 name=$2 text=$3
	shift 3
	check "$name" exits "$status" "$vmrun" exec --emulate-sev --platform snp "$@" true
	check "$name: says why" says "$text"
	check "$name: in a sentence" test "$(wc -l <"$scratch/out")" -eq 1
	check "$name: nothing is left" nothing_left
}
if [ -e /usr/share/seabios/bios-256k.bin ]; then
	refused 2 "SeaBIOS as the firmware of snp" "has no SNP metadata" --firmware /usr/share/seabios/bios-256k.bin
	refused 2 "SeaBIOS as the firmware of sev-es" "says nothing of SEV-ES" --platform sev-es --firmware /usr/share/seabios/bios-256k.bin
else
	skip "SeaBIOS as firmware" "it is not there: make setup installs it"
fi
old=$(command -v qemu-system-x86_64) || old=
if [ -n "$old" ] && ! "$old" --version | grep -qE 'version 1[01]\.'; then
	refused 77 "this machine's QEMU" "which cannot emulate SEV: 10 and 11 can" --qemu "$old"
else
	skip "this machine's QEMU" "it can emulate SEV"
fi

# A firmware that ends itself by the GHCB protocol as soon as it runs.
make_guest ending REQUEST=0x31100 TABLE=1
chmod a+r "$scratch/ending"
check "a guest that ends itself" exits 1 launch ended sev-es --firmware "$scratch/ending" -- /bin/sh -c 'echo here'
check "is said to, with its reason" says "ends itself, reason 1:3: it does not run at VMPL 0"
check "it is counted" reports ended '"terminations": 1'
check "nothing is left" nothing_left

done_testing
