#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The program vmrun as far as it goes without a guest: bad input is refused before anything starts.
# shellcheck source=tests/tap.sh
. "${0%/*}/../tap.sh"

vmrun=${SEVBENCH_BIN:-${0%/*}/../../build/bin}/vmrun
export TMPDIR=$scratch/tmp
mkdir "$TMPDIR"

# refused NAME TEXT ARGUMENT...: `vmrun exec` with these ends with status 2 and says TEXT.
refused() {
	local name=$1 text=$2
	shift 2
	check "$name" exits 2 "$vmrun" exec "$@"
	check "$name: says why" says "$text"
}

# endless OPTION VALUE: what never ends is refused, rather than read.
endless() {
	check "$1 without end" exits 2 timeout 10 "$vmrun" exec --accel tcg "$@" true
	check "$1 without end: says why" says "is not a file"
}

check "no command" exits 2 "$vmrun"
check "a command that there is not" exits 2 "$vmrun" frobnicate
check "which is named" says "no command 'frobnicate'"
check "help" exits 0 "$vmrun" --help
check "help lists the commands" says doctor
check "version" exits 0 "$vmrun" --version
for command in exec argv doctor; do
	check "help of $command" exits 0 "$vmrun" $command --help
	check "help of $command lists options" says --platform
done

refused "no guest command" "no command to run in the guest"
refused "a guest command that there is not" "no program no-such-thing in PATH" no-such-thing
refused "an unknown option" "--frob is no option here: try --help" --frob true
refused "an option without its value" "--memory needs a value" --memory
refused "an unknown mode" "tdx" --platform tdx true
refused "native is no guest" "native is no guest" --platform native true
refused "a guest that others launch" "snp-vtom is no guest to launch" --platform snp-vtom true
refused "an unknown accelerator" "not 'xen'" --accel xen true
refused "no memory" "--memory" --memory 0 true
refused "negative memory" "--memory" --memory -1G true
refused "memory that overflows" "--memory" --memory 99999999999T true
refused "too little memory for OVMF" "behind OVMF needs 160M" --memory 159M true
refused "too little memory" "too little: Linux needs 80M" --firmware default --memory 79M true
refused "more memory than there is" "available" --memory 4096T true
refused "odd memory" "not a multiple of 1M" --memory 700000000 true
refused "no vCPUs" "--vcpus" --vcpus 0 true
refused "too many vCPUs" "--vcpus" --vcpus 1000 true
refused "a CPU that does not exist" "9999" --cpus 9999 true
refused "an affinity list that is none" "not a list of CPUs" --cpus a-b true
refused "no real-time priority" "--realtime" --realtime 0 true
refused "too high a real-time priority" "--realtime" --realtime 100 true
refused "no guests" "--guests" --guests 0 true
refused "too many guests" "--guests" --guests 65 true
refused "guests that are no number" "--guests" --guests two true
refused "more guests than there are CPUs" "64 guests of 32 vCPUs each" --guests 64 --vcpus 32 \
	--firmware default --memory 80M true
refused "guests of more CPUs than the list has" "2 guests of 1 vCPUs each" --guests 2 --cpus 0 true
refused "guests on the same CPU" "stands twice" --guests 2 --cpus 0,0 true
refused "more memory than several guests can have" "available" --guests 2 --cpus 0,1 \
	--memory "$(($(awk '/^MemTotal:/ { print $2 }' /proc/meminfo) * 3 / 4096))M" true
refused "real-time vCPUs on every CPU" "needs a CPU beside" --accel tcg --realtime 1 \
	--vcpus "$(nproc)" true
check "an unprivileged real-time priority" exits 2 sh -c "ulimit -r 0; exec setpriv --bounding-set \
	-sys_nice --inh-caps -sys_nice '$vmrun' exec --accel tcg --realtime 1 true"
# A stack of which no second one has room: no guest's thread can be started.
no_threads() {
	prlimit --stack=100000000000000 "$vmrun" exec --accel tcg --qemu "$scratch/qemu" --guests 2 --cpus 0,1 true
}
if [ "$(nproc)" -gt 1 ] && [ -d "${0%/*}/../../build/guest/boot" ]; then
	cat >"$scratch/qemu" <<-'END'
		#!/bin/sh
		[ "$1" != --version ] || echo "QEMU emulator version 7.2.0"
	END
	chmod +x "$scratch/qemu"
	check "guests that cannot be started" exits 1 no_threads
	check "say so" says "guest 0: cannot start a thread"
	check "all of them" says "guest 1: it was never started"
else
	skip "guests that cannot be started" "there is one CPU, or no guest kernel is unpacked"
fi
refused "unknown pages" "--backing" --backing 8k true
refused "huge pages that are not there" "huge pages" --backing 1g --memory 4096G true
refused "a guest kernel that is not there" "/no/kernel" --guest-kernel /no/kernel true
refused "a guest kernel that is a directory" "is not a file" --guest-kernel /etc true
refused "a guest kernel that is none" "not a bzImage" --guest-kernel /etc/passwd true
refused "modules that are not there" "/no/modules" --guest-modules /no/modules true
refused "firmware that is none" "/etc/passwd is no firmware image" --firmware /etc/passwd true
refused "a processor that there is not" 'knows no processor "nosuch"' --firmware default --cpu-model nosuch,+sse true
refused "modules that are none" "/etc holds no guest kernel modules" --firmware default --guest-modules /etc true
refused "firmware that is not there" "/no/ovmf" --firmware /no/ovmf true
refused "QEMU that is not there" "QEMU is missing" --qemu no-such-qemu true
refused "QEMU that is none" "is not a QEMU" --qemu /bin/echo true
refused "an encrypted guest on QEMU's firmware" "needs OVMF" --platform sev --firmware default true
refused "an output directory that exists" "File exists" --accel tcg --out "$scratch" true
refused "an output directory that cannot be made" "/proc/none" --accel tcg --out /proc/none true

if [ -d "${0%/*}/../../build/guest/boot" ]; then
	refused "a file without its place" "is HOST=GUEST" --accel tcg --file x true
	refused "a file with no absolute place" "is HOST=GUEST" --accel tcg --file /etc/passwd=x true
	refused "a file that would climb" "does not climb" --accel tcg --file /etc/passwd=/x/../y true
	refused "a file that there is not" "/no/file" --accel tcg --file /no/file=/x true
	refused "a file that is a directory" "/etc" --accel tcg --file /etc=/x true
	mkfifo "$scratch/pipe"
	endless --file "$scratch/pipe=/x"
	endless --file /dev/zero=/x
	endless --program "$scratch/pipe"
	refused "two files in one place" "two files" --accel tcg --file /etc/passwd=/bin/true true
	refused "a file in the place of the jobs" "launcher itself" --accel tcg --file /etc/passwd=/jobs true
	refused "a file among the modules" "launcher itself" --accel tcg --file /etc/passwd=/lib/modules/x true
	refused "a module that there is not" "has no module no-such" --accel tcg --module no-such true
	refused "a second program that there is not" "/no/program" --accel tcg --program /no/program true
	refused "a second program that is none" "no x86-64 ELF" --accel tcg --program /etc/passwd true
else
	skip "files, modules and programs for the guest" "no guest kernel is unpacked: run 'make setup'"
fi

echo "not a kernel" >"$scratch/unreadable"
chmod 0 "$scratch/unreadable"
if [ "$(id -u)" -ne 0 ]; then
	refused "an unreadable guest kernel" "cannot be read" --guest-kernel "$scratch/unreadable" true
fi
if [ "$(nproc)" -gt 1 ]; then
	check "a CPU outside the affinity mask" exits 2 taskset -c 0 "$vmrun" exec --cpus 1 true
	check "which is named" says "CPU 1"
fi

refused "a mode that there is not, to be emulated" "tdx" --emulate-sev --platform tdx true
refused "emulation on hardware" "exclude one another" --emulate-sev --accel kvm true
refused "emulation on QEMU's firmware" "needs OVMF" --emulate-sev --platform snp --firmware default true
refused "a trace of a plain guest" "a plain guest has none" --emulate-sev --trace "$scratch/t" true
refused "a trace of several guests" "writes of one guest" --emulate-sev --platform snp --guests 2 --trace "$scratch/t" true
check "a trace of hardware" exits 2 "$vmrun" argv --platform snp --accel kvm --trace "$scratch/t"
check "is refused in a sentence" says "--trace is written by an emulated SEV processor"
check "and no file is made" test ! -e "$scratch/t"

# unable NAME TEXT ARGUMENT...: `vmrun exec` with these ends with status 77 and says TEXT, in a line.
unable() {
	local name=$1 text=$2
	shift 2
	check "$name" exits 77 "$vmrun" exec "$@"
	check "$name: says why" says "$text"
	check "$name: in a sentence" test "$(wc -l <"$scratch/out")" -eq 1
}
# shellcheck disable=SC2016 # for the script
printf '#!/bin/sh\n[ "$1" != --version ] || echo "QEMU emulator version 7.2.0"\n' >"$scratch/qemu-7"
chmod +x "$scratch/qemu-7"
for mode in sev sev-es snp; do
	unable "no emulated $mode on QEMU 7.2" "cannot emulate SEV: 10 and 11 can" --qemu "$scratch/qemu-7" --accel tcg \
		--platform $mode true
done
unable "no plain guest for emulation either" "cannot emulate SEV: 10 and 11 can" --qemu "$scratch/qemu-7" --emulate-sev true
if ! "$vmrun" doctor | grep -q '^sev  *yes'; then
	check "no sev of hardware" exits 77 "$vmrun" exec --platform sev --accel kvm true
fi

# A tree in which the plugin was not built, or something else stands in its place.
mkdir -p "$scratch/tree/bin" "$scratch/tree/lib"
cp "$vmrun" "$vmrun" "$scratch/tree/bin/"
# shellcheck disable=SC2016 # for the script
printf '#!/bin/sh\n[ "$1" != --version ] || echo "QEMU emulator version 10.0.2"\n' >"$scratch/qemu-10"
chmod +x "$scratch/qemu-10"
check "no plugin" exits 77 "$scratch/tree/bin/vmrun" exec --qemu "$scratch/qemu-10" --emulate-sev --platform sev true
check "says what is missing" says "lib/sevemu-api4.so"
check "in a sentence" test "$(wc -l <"$scratch/out")" -eq 1

check "the command line" exits 0 "$vmrun" argv --accel tcg
check "has one option a line" says "  -accel tcg \\"
check "with its words quoted" says "-append '"
check "the command line of sev" exits 0 "$vmrun" argv --platform sev-es --accel kvm
check "names the object" says "sev-guest,id=sev0,"
check "argv takes no command" exits 2 "$vmrun" argv true
check "what differs between sev and sev-es" exits 0 "$vmrun" argv --diff sev sev-es
check "is the policy alone" says "1 settings differ between sev and sev-es"
check "with its reason" says "SEV API specification"
check "what differs between nosev and sev" exits 0 "$vmrun" argv --diff nosev sev
check "is named" says "-machine confidential-guest-support"
check "a diff of one mode" exits 2 "$vmrun" argv --diff nosev
check "a diff of three modes" exits 2 "$vmrun" argv --diff nosev sev snp
check "a diff of native" exits 2 "$vmrun" argv --diff nosev native
check "a diff of what is no mode" exits 2 "$vmrun" argv --diff nosev tdx
check "the command line of sev, whatever can be launched" exits 0 "$vmrun" argv --platform sev
check "is that for hardware" says "-object sev-guest,"
check "on KVM" says "-accel kvm"
check "without emulation" test "$(grep -c -e -plugin "$scratch/out")" -eq 0
check "a diff of what cannot be emulated" exits 77 "$vmrun" argv --qemu "$scratch/qemu-7" --accel tcg --diff nosev sev
if "$vmrun" argv --emulate-sev --platform snp >"$scratch/out" 2>&1; then
	check "the emulated command line" says "-plugin "
	check "and of no trace" test "$(grep -c trace= "$scratch/out")" -eq 0
	check "is of no object" test "$(grep -c -e sev0 "$scratch/out")" -eq 0
	check "nor of KVM" says "-accel tcg"
	check "the emulated command line with a trace" exits 0 "$vmrun" argv --emulate-sev --platform snp --trace "$scratch/t"
	check "has it in the run's directory" says ",counters=DIRECTORY/counters,trace=DIRECTORY/trace"
	check "and makes no file" test ! -e "$scratch/t"
	if [ -d "${0%/*}/../../build/guest/boot" ]; then
		echo mine >"$scratch/mine"
		refused "a trace into what is there" "exists already" --emulate-sev --platform snp --trace "$scratch/mine" true
		check "which is left as it was" grep -qx mine "$scratch/mine"
		refused "that, with an output directory" "exists already" --emulate-sev --platform snp --trace "$scratch/mine" \
			--out "$scratch/refused" true
		check "which is not left behind" test ! -e "$scratch/refused"
	fi
	for asked in "--accel tcg" --emulate-sev; do
		# shellcheck disable=SC2086 # two words
		check "what differs between nosev and snp ($asked)" exits 0 "$vmrun" argv $asked --diff nosev snp
		check "is the plugin alone" says "1 settings differ between nosev and snp"
		check "with its reason" says "the emulated SEV processor"
	done
else
	skip "emulated command lines" "$(head -n 1 "$scratch/out")"
fi

"$vmrun" doctor >"$scratch/doctor" 2>&1
for mode in nosev sev sev-es snp; do
	check "doctor has a verdict for $mode" \
		grep -qE "^$mode +(yes|no|tcg) +.{8}" "$scratch/doctor"
done
for row in processor /dev/kvm QEMU firmware "guest kernel"; do
	check "doctor has a row for $row" grep -q "^$row  " "$scratch/doctor"
done
# Each OVMF by its age: Debian 12's has the fault, that of make setup has not.
judges() {
	"$vmrun" doctor --json --platform snp --firmware "$1" >"$scratch/out" 2>&1
	[ "$(grep -c 'before it validates it' "$scratch/out")" -gt 0 ] || echo sound
}
for ovmf in /usr/share/ovmf/OVMF.fd "${0%/*}/../../build/ovmf/OVMF.fd"; do
	case $ovmf$(dpkg-query -W -f '${Version}' ovmf 2>/dev/null) in
	/usr/share/*2022.11*) check "doctor doubts Debian 12's OVMF" test -z "$(judges "$ovmf")" ;;
	/usr/share/*) skip "doctor's view of Debian 12's OVMF" "another one is installed, or none" ;;
	*) if [ -f "$ovmf" ]; then
		check "doctor takes that of make setup" test "$(judges "$ovmf")" = sound
	else
		skip "doctor's view of the OVMF of make setup" "none is unpacked: run 'make setup'"
	fi ;;
	esac
done
# Debian's Linux 6.1 for clouds has no driver of /dev/sev-guest, 6.12 has.
reports_of_firmware() {
	"$vmrun" doctor --json --platform snp --guest-kernel "$1" >"$scratch/out" 2>&1
	grep -c 'built without /dev/sev-guest' "$scratch/out"
}
for kernel in "${0%/*}"/../../build/guest*/boot/vmlinuz-*-cloud-amd64; do
	case $kernel in
	*vmlinuz-6.1.*) check "an SNP guest of Linux 6.1 gets no report, says doctor" test "$(reports_of_firmware "$kernel")" -gt 0 ;;
	*vmlinuz-*) check "... and of a later one does: ${kernel##*/}" test "$(reports_of_firmware "$kernel")" -eq 0 ;;
	esac
done
check "doctor for machines" exits 0 "$vmrun" doctor --json --platform nosev
check "is JSON with a verdict a mode" says '"sev-es": {'
if ! grep -q '^snp  *yes' "$scratch/doctor"; then
	check "a mode that cannot be launched is status 77" exits 77 "$vmrun" doctor --platform snp
fi
check "a recorded host that is none" exits 2 "$vmrun" doctor --root /proc
check "doctor takes no command" exits 2 "$vmrun" doctor true
check "doctor's help" exits 0 "$vmrun" doctor --help
check "says what is judged without --platform" says "nosev, sev, sev-es or snp (whichever can be launched)"
check "and does not name another default" test "$(grep -c 'nosev (default)' "$scratch/out")" -eq 0

check "nothing is left behind" test -z "$(ls -A "$TMPDIR")"
done_testing
