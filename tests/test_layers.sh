#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# tests/check-layers: a check that cannot fail would keep nothing in place.
# shellcheck source=tests/tap.sh
. "${0%/*}/tap.sh"

layers=${0%/*}/check-layers

# tree FILE LINE: a source tree of one file that holds LINE on its second line
tree() {
	rm -rf "$scratch/tree"
	mkdir -p "$scratch/tree/$(dirname "$1")"
	printf '/* a comment */\n%s\n' "$2" >"$scratch/tree/$1"
}

allowed() {
	tree "$1" "$2"
	check "$1 may have $2" exits 0 "$layers" "$scratch/tree"
}

refused() {
	tree "$1" "$2"
	check "$1 may not have $2" exits 1 "$layers" "$scratch/tree"
	check "... and the place is named" says "$1:2: "
}

allowed harness/cpu.c '#include "harness/cpu.h"'
allowed harness/cpu.c '#include <jansson.h>'
allowed kernels/memcpy.c '#include "harness/cpu.h"'
allowed bench/main.c '#include "analysis/decide/stats.h"'
allowed bench/main.c '#include "kernels/kernels.def"'
allowed tests/vmrun/launch/test_plan.c '#include "vmrun/launch/plan.h"'
allowed tests/vmrun/launch/test_plan.c '#include "tests/skip.h"'
allowed kernels/module/main.c '#include "ioctl.h"'
allowed build/guest/usr/src/drm.h '#include "ttm.h"'
allowed harness/cpu.c 'const char *text = "#include \"vmrun/vm.h\"";'

# Rooms: down is allowed, over several floors too; up and sideways are not.
down() {
	allowed "$1/a.c" "#include \"$2/b.h\""
	refused "$2/b.c" "#include \"$1/a.h\""
	check "... and the rule" says "$2 stands on "
	refused "tests/$2/test_b.c" "#include \"$1/a.h\""
}
down vmrun/wire vmrun/system
down vmrun/guest vmrun/wire
down vmrun/image vmrun/system
down vmrun/qemu vmrun/image
down vmrun/host vmrun/system
down vmrun/launch vmrun/host
down vmrun/launch harness
down analysis/decide analysis/read
down analysis/show analysis/read
down bench/select kernels
down bench/run bench/select
down bench/run analysis/show
down bench/cmd bench/run
allowed vmrun/doctor.c '#include "vmrun/launch/plan.h"'
refused vmrun/launch/plan.c '#include "vmrun/options.h"'
refused vmrun/host/host.c '#include "vmrun/qemu/argv.h"'
refused vmrun/qemu/argv.c '#include "vmrun/host/host.h"'
refused vmrun/launch/launch.c '#include "vmrun/guest/guest_job.h"'
refused bench/select/suite.c '#include "analysis/read/samples.h"'

# The face of a folder is for others, the rest is not.
allowed bench/run/run.c '#include "vmrun/launch/vm.h"'
refused bench/run/run.c '#include "vmrun/launch/session.h"'
check "... and the rule" says "no part of the face of vmrun"
refused tests/bench/run/test_run.c '#include "vmrun/wire/frame.h"'

# What several rooms share in their tests.
allowed tests/vmrun/guest_init.c '#include "vmrun/guest/guest_job.h"'
allowed tests/analysis/fixture.h '#include "analysis/show/report.h"'
refused tests/analysis/fixture.h '#include "kernels/registry.h"'
refused tests/vmrun/guest_init.c '#include "bench/run/run.h"'

refused harness/cpu.c '#include "kernels/registry.h"'
refused harness/cpu.h '#  include "bench/select/suite.h"'
refused kernels/memcpy.c '#include "vmrun/launch/vm.h"'
refused kernels/memcpy.c '#include "../vmrun/launch/vm.h"'
refused kernels/memcpy.c '#include <vmrun/launch/vm.h>'
refused vmrun/launch/plan.c '#include "analysis/decide/stats.h"'
refused analysis/decide/stats.c '#include "kernels/registry.h"'
refused analysis/decide/stats.c '#include "stats.h"'
refused harness/cpu.c '#include "tests/skip.h"'
refused kernels/all.def '#include "vmrun/launch/vm.h"'

tree vmrun/cellar/wine.c '#include <stdio.h>'
check "a folder that is no room is refused" exits 1 "$layers" "$scratch/tree"
check "... with what it takes" says "needs a line in tests/check-layers"

# The page for people says the same.
page=${0%/*}/../CONTRIBUTING.md
tree harness/cpu.c '#include <stdio.h>'
cp "$page" "$scratch/tree"
check "the table for people is that for the machine" exits 0 "$layers" "$scratch/tree"
# shellcheck disable=SC2016 # backquotes of Markdown, here and below
sed 's/^\(| `vmrun.host.` .*\)vmrun.system\(.*\)/\1vmrun\/launch\2/' "$page" >"$scratch/tree/CONTRIBUTING.md"
check "one that says another thing is refused" exits 1 "$layers" "$scratch/tree"
check "... with both" says "vmrun/host stands on vmrun/system, its table says: vmrun/launch"
# shellcheck disable=SC2016
sed '/^| `analysis.show.`/d' "$page" >"$scratch/tree/CONTRIBUTING.md"
check "one that lacks a room is refused" exits 1 "$layers" "$scratch/tree"
check "... with its name" says "its table lacks analysis/show"
# shellcheck disable=SC2016
sed 's/^| `vmrun.wire.`/| `vmrun\/wine\/`/' "$page" >"$scratch/tree/CONTRIBUTING.md"
check "one with a room that is none is refused" exits 1 "$layers" "$scratch/tree"
check "... with its name" says "its table has vmrun/wine"
done_testing
