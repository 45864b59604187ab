#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# tests/check-circles on trees with and without one.
# shellcheck source=tests/tap.sh
. "${0%/*}/tap.sh"

circles=${0%/*}/check-circles
tree=$scratch/tree

# put FILE TEXT: a source of the tree, compiled if it is one
put() {
	mkdir -p "$tree/${1%/*}" "$scratch/obj/${1%/*}"
	printf '%b\n' "$2" >"$tree/$1"
	[ "${1##*.}" = h ] || "${CC:-cc}" -I"$tree" -c -o "$scratch/obj/${1%.c}.o" "$tree/$1"
}

# Three files that stand on one another, as they should: c on b on a.
put harness/a.h 'int a(void);'
put vmrun/wire/b.h '#include "harness/a.h"\nint b(void);'
put bench/c.h 'int c(void);'
put harness/a.c '#include "harness/a.h"\nint a(void) { return 1; }'
put vmrun/wire/b.c '#include "vmrun/wire/b.h"\nint b(void) { return a(); }'
put bench/c.c '#include "bench/c.h"\n#include "vmrun/wire/b.h"\nint c(void) { return b(); }'
put kernels/module/main.c '#include "bench/c.h"\nint main_of_module(void) { return c(); }'
check "a stack is no circle" exits 0 "$circles" "$scratch/obj" "$tree"

put harness/a.c '#include "harness/a.h"\nint c(void);\nint a(void) { return c(); }'
check "a circle of calls is found" exits 1 "$circles" "$scratch/obj" "$tree"
check "... with what is needed" says "harness/a needs c of bench/c"
check "... and how it closes" says "bench/c includes vmrun/wire/b"
check "... and the way out" says "Move what they share"

put harness/a.c '#include "harness/a.h"\nint a(void) { return 1; }'
check "it is gone when it is cut" exits 0 "$circles" "$scratch/obj" "$tree"
put harness/a.h '#include "bench/d.h"\nint a(void);'
put bench/d.h '#  include "vmrun/wire/b.h"'
put vmrun/wire/b.h '#include "harness/a.h"\nint b(void);'
check "a circle of headers is found" exits 1 "$circles" "$scratch/obj" "$tree"
check "... with what is included" says "bench/d includes vmrun/wire/b"

put harness/a.h 'extern int shared;\nint a(void);'
put harness/a.c '#include "harness/a.h"\nint shared;\nint b(void);\nint a(void) { return b(); }'
put vmrun/wire/b.c '#include "vmrun/wire/b.h"\nextern int shared;\nint b(void) { return shared; }'
put vmrun/wire/b.h 'int b(void);'
check "so is one by a variable" exits 1 "$circles" "$scratch/obj" "$tree"
check "... with its name" says "vmrun/wire/b needs shared of harness/a"

rm -r "$scratch/obj"
mkdir "$scratch/obj"
check "without objects nothing is said to be well" exits 1 "$circles" "$scratch/obj" "$tree"
check "... but why" says "build them first"
check "no arguments are a usage error" exits 2 "$circles"
done_testing
