#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# `sevbench run --resume` of a directory that came from somebody else: nothing that its manifest names is
# started, nothing that its links lead to is written.
# shellcheck source=tests/tap.sh
. "${0%/*}/../tap.sh"

sevbench=${SEVBENCH_BIN:-$PWD/build/bin}/sevbench
printf 'rounds 1\ndefault --samples 20000 --batch-us 10\nkernel memcpy --size 16K --variant libc,avx2\n' >"$scratch/many.suite"
check "a run that is interrupted" exits 1 bash -c "ulimit -f 1500; '$sevbench' run --suite '$scratch/many.suite' \
	--platforms native --cooldown 0 --out '$scratch/whole'"

# Harmless: it leaves word that it was started, and is no QEMU.
printf '#!/bin/sh\ntouch "%s"\necho "no QEMU"\n' "$scratch/started" >"$scratch/evil"
chmod 755 "$scratch/evil"

# stranger NAME [WORD...]: a copy of that run, which claims to have been begun with these words too
stranger() {
	local name=$1 words=
	shift
	[ $# -eq 0 ] || words=$(printf '\\1"%s",\\n' "$@")
	cp -a "$scratch/whole" "$scratch/$name"
	sed -i "/\"command\": \[/,/\]/ s|^\( *\)\"run\",|\1\"run\",\n${words%\\n}|" "$scratch/$name/manifest.json"
}

for option in qemu firmware guest-kernel guest-modules; do
	stranger "$option" "--$option" "$scratch/evil"
	sed -i '/"command"/,/]/ s/"native"/"native,nosev"/' "$scratch/$option/manifest.json"
	check "--$option of a manifest" exits 2 "$sevbench" run --resume "$scratch/$option"
	check "... is named, with how to go on" says "sevbench run --resume $scratch/$option --$option $scratch/evil"
	check "... and another one is not the same" exits 2 "$sevbench" run --resume "$scratch/$option" "--$option" /bin/true
	check "... which is said" says "it was begun with --$option $scratch/evil, and not with /bin/true"
done
check "none was started" test ! -e "$scratch/started"
check "what the user names is tried" exits 2 "$sevbench" run --resume "$scratch/qemu" --qemu "$scratch/evil"
check "... and is no QEMU" says "is not a QEMU"
check "... though it was started" test -e "$scratch/started"
check "what the run was begun without" exits 2 "$sevbench" run --resume "$scratch/whole" --qemu "$scratch/evil"
check "... is not taken either" says "it was begun without --qemu"
stranger words --firmware default
check "a word that is no file goes on" exits 0 "$sevbench" run --resume "$scratch/words"

# linked NAME PATH: that file of the run is a link to one outside, which must stay as it is
linked() {
	local victim=$scratch/victim
	stranger "$1"
	echo precious >"$victim"
	rm -f "$scratch/$1/$2"
	ln -s "$victim" "$scratch/$1/$2"
	"$sevbench" run --resume "$scratch/$1" >"$scratch/out" 2>&1
	check "a link in the place of $2" test "$(cat "$victim")" = precious
}

linked samples samples.csv.partial
linked journal .journal
linked manifest manifest.json.partial
linked log logs/native.log
linked reserve .reserve
stranger logs
mv "$scratch/logs/logs" "$scratch/elsewhere"
ln -s "$scratch/elsewhere" "$scratch/logs/logs"
check "logs that are a link" exits 2 "$sevbench" run --resume "$scratch/logs"
check "... are named" says "$scratch/logs/logs is no directory, or a link to one"

# More bytes than any file has: counting them would take for ever.
stranger journal-end
echo "1 native 0 9223372036854775807" >"$scratch/journal-end/.journal"
check "a journal that ends nowhere" exits 2 timeout 60 "$sevbench" run --resume "$scratch/journal-end"
check "... is told" says "does not hold the rows of the cells that were measured"

stranger open
chmod go+w "$scratch/open"
check "a directory that others write to" exits 2 "$sevbench" run --resume "$scratch/open"
check "... and how to go on" says "chmod go-w $scratch/open"
if [ "$(id -u)" = 0 ]; then
	stranger foreign
	chown 65534 "$scratch/foreign"
	check "another user's directory" exits 2 "$sevbench" run --resume "$scratch/foreign"
	check "... is said to be one" says "belongs to another user (65534)"
else
	skip "another user's directory" "only root can make one"
fi

done_testing
