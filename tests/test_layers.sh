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
allowed vmrun/launch/vm.c '#include "vmrun/launch/vm.h"'
allowed bench/main.c '#include "analysis/decide/stats.h"'
allowed bench/main.c '#include "kernels/kernels.def"'
allowed tests/vmrun/test_vm.c '#include "vmrun/launch/vm.h"'
allowed tests/vmrun/test_vm.c '#include "tests/skip.h"'
allowed kernels/module/main.c '#include "ioctl.h"'
allowed build/guest/usr/src/drm.h '#include "ttm.h"'
allowed harness/cpu.c 'const char *text = "#include \"vmrun/launch/vm.h\"";'

refused harness/cpu.c '#include "kernels/registry.h"'
refused harness/cpu.h '#  include "bench/options.h"'
refused kernels/memcpy.c '#include "vmrun/launch/vm.h"'
refused kernels/memcpy.c '#include "../vmrun/launch/vm.h"'
refused kernels/memcpy.c '#include <vmrun/launch/vm.h>'
refused vmrun/launch/vm.c '#include "analysis/decide/stats.h"'
refused analysis/decide/stats.c '#include "kernels/registry.h"'
refused analysis/decide/stats.c '#include "stats.h"'
refused analysis/decide/stats.c '#include "bench/options.h"'
refused harness/cpu.c '#include "tests/skip.h"'
refused tests/vmrun/test_vm.c '#include "kernels/registry.h"'
refused kernels/all.def '#include "vmrun/launch/vm.h"'
done_testing
