#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Plain text that quotes an attachment comes out of libarchive as the attachment alone.
#
# seen      November 2026, libarchive-tools 3.6.2 (Debian 12), 3.7.4 (Debian 13) too
# surprise  bsdcat prints files, unpacked where they are compressed. uuencode counts as compression, and
#           libarchive looks for the line that begins it behind other lines too: a letter that quotes an
#           encoded file comes out as what was in that file. The letter around it is gone, with exit
#           status 0. A program that reads raw data through libarchive with all filters on does the same.
# sevbench  reads what it puts into a guest through libarchive, and lets it unpack only what is named
#           as packed (.ko.xz), never another file: vmrun/image/newc.c
# shellcheck source=findings/lib.sh
. "$(dirname "$0")/lib.sh"

tree=$work/tree
fetch "$tree" bookworm libarchive-tools=3.6.2-1+deb12u4

cat >"$work/plain" <<'EOF'
Dear Anna,
this letter quotes nothing.
EOF
cat >"$work/letter" <<'EOF'
Dear Anna,
the old tapes hold files like this one:

begin 644 greeting
-:&5L;&\L('=O<FQD"@``
`
end

What was it good for?
EOF
run_in "$tree" bsdcat "$work/plain" >"$work/out"
expect "a letter without one comes out as it is" yes "$(cmp -s "$work/plain" "$work/out" && echo yes || echo no)"
status=0
letter=$(run_in "$tree" bsdcat "$work/letter") || status=$?
saw "of $(wc -c <"$work/letter") bytes, ${#letter} came out: $letter"
expect "what comes out of one with such a file" "hello, world" "$letter"
expect "exit status" 0 $status
verdict
