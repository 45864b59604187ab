#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Bad input to the per-kernel binaries and to sevbench: one sentence, status 2, nothing started.
# shellcheck source=tests/tap.sh
. "${0%/*}/../tap.sh"

bin=${SEVBENCH_BIN:-$PWD/build/bin}
copy=$bin/bench-memcpy

# refused SENTENCE COMMAND...
refused() {
	local sentence=$1
	shift
	check "${*##*/} is refused" exits 2 "$@"
	check "... with '$sentence'" says "$sentence"
	check "... in one line" test "$(wc -l <"$scratch/out")" -eq 1
}

refused 'no variant "sse9"' "$copy" --variant sse9
refused '"0"' "$copy" --size 0
refused '"-4K"' "$copy" --size -4K
refused 'does not fit in 64 bits' "$copy" --size 99999999999G
refused 'choose a smaller --size' "$copy" --size 512T --variant libc
refused 'is not a multiple of 512' "$copy" --size 100 --variant avx2
refused 'is not a multiple of the page' "$bin/bench-touch" --size 6K --pages 4k --variant write
refused 'multiple of a cache' "$copy" --size 4xL7
refused '512 threads' "$bin/bench-stream" --threads 512 --size 4xLLC
refused 'huge pages of 2 MiB are needed' "$copy" --pages 2m --size 64T --variant libc
refused 'huge pages of 1024 MiB' "$copy" --pages 1g --size 64T --variant libc
refused '--samples' "$copy" --samples 0
refused 'CPU 99999' "$copy" --cpu 99999
refused 'no memory node' "$copy" --node 65535
refused 'threads' "$copy" --threads 0
refused '512 threads' "$copy" --threads 512 --size 1M --variant libc
refused '8k' "$copy" --pages 8k
refused 'no parameter "colour"' "$copy" --param colour=1
refused 'try --help' "$copy" --colour
refused 'needs a value' "$copy" --size
refused '"64K"' "$copy" 64K
refused 'measures no memory' "$bin/bench-cpuid" --size 4K
refused 'not as snp' "$bin/bench-cpuid" --platform snp
refused 'mars' "$bin/bench-cpuid" --platform mars
touch "$scratch/there.csv"
refused 'never overwritten' "$copy" -o "$scratch/there.csv" --variant libc --size 4K
echo older >"$scratch/there.csv"
check "--force replaces it" exits 0 "$copy" -o "$scratch/there.csv" --force --variant libc --size 4K --samples 2
check "... by what was measured" grep -q '^schema,' "$scratch/there.csv"
check "a device is written into" exits 0 "$copy" -o /dev/null --variant libc --size 4K --samples 2
through_a_pipe() {
	"$copy" -o /dev/stdout --variant libc --size 4K --samples 2 2>/dev/null | grep -q '^[0-9]*,.*,memcpy,libc,4096,'
}
check "so is a pipe" through_a_pipe
refused 'nowhere' "$copy" -o "$scratch/nowhere/a.csv" --variant libc --size 4K

# Only the allowed CPUs can be had.
if [ "$(nproc)" -gt 1 ]; then
	first=$(taskset -cp $$ | sed 's/.*: \([0-9]*\).*/\1/')
	last=$(taskset -cp $$ | sed 's/.*[^0-9]//')
	refused "CPU $last" taskset -c "$first" "$copy" --cpu "$last"
fi

run="$bin/sevbench run"
neighbours="$bin/sevbench neighbours --guests 2 --platforms nosev --accel tcg --out $scratch/a"
# shellcheck disable=SC2086 # two words
{
	refused 'no command "walk"' "$bin/sevbench" walk
	refused 'no suite "slow"' $run --suite slow
	refused 'no suite "slow"' "$bin/sevbench" list --suite slow
	refused '--walk is no option here' "$bin/sevbench" list --walk
	refused 'is not an option' "$bin/sevbench" list walk
	refused 'no results are named' "$bin/sevbench" neighbours
	refused '--walk is no option here' "$bin/sevbench" neighbours --walk
	refused 'is no directory that' "$bin/sevbench" neighbours "$scratch"
	refused 'one directory of results, not also b' "$bin/sevbench" neighbours a b
	refused 'say how many guests' "$bin/sevbench" neighbours --rounds 2 "$scratch"
	refused '1 is not between 2 and 64' $neighbours --guests 1 "$copy"
	refused '64 guests of 64 vCPUs' $neighbours --guests 64 --vcpus 64 --memory 128M \
		--firmware default "$copy"
	refused 'mars' $neighbours --platforms nosev,mars "$copy"
	refused 'native is no guest' $neighbours --platforms native,nosev "$copy"
	refused 'tdx is no guest to launch' $neighbours --platforms nosev,tdx "$copy"
	refused '--backing says which' $neighbours --platforms nosev@thp "$copy"
	refused 'no program to measure with' $neighbours
	refused 'not a program that can be executed' $neighbours -- "$scratch/bench-memcpy"
	refused 'none of the programs that measure' $neighbours -- /bin/true
	refused 'the rounds are counted here' $neighbours -- "$copy" --size 4K --round 3
	refused 'the rounds are counted here' $neighbours -- "$copy" --ro=3
	refused 'would be lost' $neighbours -- "$copy" -o a.csv
	refused 'would be lost' $neighbours -- "$copy" -qoa.csv
	refused 'would measure nothing' $neighbours -- "$copy" --vers
	refused 'would measure nothing' $neighbours -- "$copy" --env
	refused 'would measure nothing' $neighbours -- "$copy" -qh
	refused '--colour is no option here' $neighbours -- "$copy" --colour
	refused '"banana" is not a size' $neighbours -- "$copy" --size banana
	refused 'times guest memory of 900T' $neighbours --memory 900T "$copy"
	refused 'native is no guest' $run --platforms native@thp
	refused 'snp-vtom is no guest to launch' $run --platforms native,snp-vtom
	refused '4 KiB pages, whatever' $run --platforms nosev,snp@2m
	refused '3m' $run --platforms nosev@3m
	refused 'mars' $run --platforms native,mars
	refused 'no kernel "walk"' $run --kernels walk
	refused '--rounds' $run --rounds 0
	refused 'no speed of memory' $run --dram-peak fast
	refused 'no speed of memory' $run --dram-peak 0
	refused '--accel is auto, kvm or tcg' $run --accel xen
	refused 'exists already' $run --platforms native --out "$scratch"
	refused 'nowhere' $run --platforms native --out "$scratch/nowhere/run"
	refused '/nonexistent/qemu' $run --platforms nosev --qemu /nonexistent/qemu --out "$scratch/a"
	refused '/nonexistent/vmlinuz' $run --platforms nosev --guest-kernel /nonexistent/vmlinuz --out "$scratch/a"
	refused 'no firmware image' $run --platforms nosev --firmware /etc/passwd --dry-run
	refused 'knows no processor "nosuch"' $run --platforms nosev --cpu-model nosuch --dry-run
	refused 'holds no guest kernel modules' $run --platforms nosev --guest-modules /etc --dry-run
	refused '99999' $run --platforms nosev --cpus 99999 --out "$scratch/a"
	refused 'memory' $run --platforms nosev --memory 900T --out "$scratch/a"
}
check "nothing was started" test ! -e "$scratch/a"

printf 'about Short.\nrounds 1\ndefault --samples 3 --batch-us 100\nkernel cpuid --variant 0x0\n' >"$scratch/short.suite"

# What a manifest cannot hold: the reason alone, not a word on files that were never tried.
printf 'about caf\351\nkernel cpuid --variant 0x0\n' >"$scratch/latin1.suite"
check "a suite that is no UTF-8" exits 1 "$bin/sevbench" run --suite "$scratch/latin1.suite" --platforms native \
	--cooldown 0 --out "$scratch/latin1"
check "... is what is said" says "UTF-8"
check "... in one line" test "$(wc -l <"$scratch/out")" -eq 1

# Where results go: through one function, whichever program writes them.
check "samples to look at" exits 0 "$copy" -o "$scratch/s.csv" --variant libc --size 4K --samples 4 --round 1
echo mine >"$scratch/mine"
mkfifo "$scratch/pipe"
for command in "compare --csv" "compare --parts" "export --wide --out" "report --out"; do
	# shellcheck disable=SC2086 # several words
	set -- "$bin/sevbench" ${command% *} "$scratch/s.csv" "${command##* }"
	check "$command does not overwrite" test "$("$@" "$scratch/mine" >/dev/null 2>&1 && echo did)" = ""
	check "... what is there" grep -qx mine "$scratch/mine"
	case $command in report*) type gnuplot >/dev/null 2>&1 || continue ;; esac
	check "$command writes into a device" exits 0 "$@" /dev/null
	check "... which stays one" test -c /dev/null
	timeout 20 cat "$scratch/pipe" >"$scratch/read" &
	check "$command writes into a pipe" exits 0 timeout 20 "$@" "$scratch/pipe"
	wait $!
	check "... which stays one" test -p "$scratch/pipe"
	check "$command --force replaces a file" exits 0 "$@" "$scratch/mine" --force
	check "... by the same" cmp "$scratch/mine" "$scratch/read"
	check "$command --force replaces no directory" exits "$(case $command in compare*) echo 2 ;; *) echo 1 ;; esac)" \
		"$@" "$scratch" --force
	check "... in a sentence" says "is a directory"
	echo mine >"$scratch/mine"
done
check "a bundle goes nowhere that is taken" exits 1 "$bin/sevbench" bundle -o "$scratch/mine"
check "... with the sentence" says "never overwritten"
check "a bundle is written into a device" exits 0 "$bin/sevbench" bundle -o /dev/null
check "... which stays one" test -c /dev/null

# A disk that is too small for as little as the beginning: nothing is left, and it can be tried again.
if [ "$(id -u)" -eq 0 ] && mkdir "$scratch/small" && mount -t tmpfs -o size=64k tmpfs "$scratch/small" 2>/dev/null; then
	check "a disk of 64 KB" exits 2 "$bin/sevbench" run --platforms native --kernels cpuid --out "$scratch/small/run"
	check "... is what is said" says "cannot keep 1048576 bytes free under $scratch/small/run"
	check "... and no directory is left" test ! -e "$scratch/small/run"
	umount "$scratch/small"
else
	skip "a disk of 64 KB" "only root may mount one"
fi

# What is no UTF-8 in a name loses nothing of the manifest.
check "a directory whose name is no UTF-8" exits 0 "$bin/sevbench" run --suite "$scratch/short.suite" --platforms native \
	--cooldown 0 --out "$scratch/caf"$'\351'
check "... is in the manifest, as far as it can be" grep -q '"run": "caf?"' "$scratch/caf"$'\351/manifest.json'
check "... and so is the command line" grep -q '/caf?"$' "$scratch/caf"$'\351/manifest.json'

# Names that are given up still work, and say so.
old_name() {
	local old=$1 now=$2
	shift 2
	check "--$old" exits 0 "$@"
	check "... is now --$now" says "--$old is now called --$now"
	check "... in one line" test "$(grep -c 'is now called' "$scratch/out")" -eq 1
}
old_name output out "$copy" --output /dev/null --variant libc --size 4K --samples 2
old_name output out "$bin/sevbench" bundle --output "$scratch/bundle.tar.gz"
old_name mode platform "$bin/vmrun" argv --mode nosev --help
old_name modules guest-modules "$bin/vmrun" exec --modules /nowhere --help
old_name kernel guest-kernel "$bin/vmrun" argv --kernel /nowhere --help
check "a new name is no news" exits 0 "$copy" --out /dev/null --variant libc --size 4K --samples 2 --quiet
check "... nothing is said" test ! -s "$scratch/out"
# shellcheck disable=SC2086 # two words
refused 'names the Linux of the guests' $run --kernel /boot/vmlinuz

check "help is not an error" exits 0 "$copy" --help
check "... and names the options" says "--variant LIST"
check "the list names variants" exits 0 "$copy" --list
check "... with what they are" says "rep_movsb"
check "sevbench lists the suites" exits 0 "$bin/sevbench" list
check "... and the kernels" says "chase:"
check "which says what one way of a conversion is" says "_to_shared and _to_private time one of them"
check "and where it is other work" says "6 exits and 1024 PVALIDATE of 4 KiB on Linux 6.1"
check "sevbench describes one suite" exits 0 "$bin/sevbench" list --suite full
check "... with its length" says "cells x 5 rounds on every platform. A round takes about"

# Nobody shall take half a table for a whole one.
to_full_disk() {
	"$@" >/dev/full
}
for command in "$copy --help" "$copy --list" "$bin/sevbench list" "$bin/vmrun --help" "$bin/vmrun doctor"; do
	# shellcheck disable=SC2086 # several words
	check "${command##*/} to a full disk" exits 1 to_full_disk $command
	check "... is an error" says "cannot write the output: No space left on device"
done

# In a suite the rest goes on: what has no memory is a row too.
check "--skip makes a row of a cell without memory" exits 0 "$copy" --skip --variant libc --size 4K,512T \
	--samples 1 --iterations 1000
check "... with the reason" says "skipped,\"memcpy/libc 512T 4k needs"
check "... and of one without huge pages" exits 77 "$copy" --skip --variant libc --size 64T --pages 2m
check "... with the remedy" says "nr_hugepages"

# What cannot run is a row, and status 77 says that nothing could.
check "mmio cannot run natively" exits 77 "$bin/bench-mmio" --platform native --variant read
check "... and the row says why" says "skipped,"

done_testing
