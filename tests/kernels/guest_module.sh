#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The guest kernel module in a real guest: module_inside.c does the testing, and speaks TAP.
bin=${SEVBENCH_BIN:-${0%/*}/../../build/bin}

compgen -G "$bin/../module/*/sevbench.ko" >/dev/null || {
	echo "1..1"
	echo "SKIP: the guest kernel module is not built: run 'make module'"
	echo "not ok 1 # SKIP guest_module"
	exit 0
}
exec "$bin/vmrun" exec --accel tcg --firmware default --memory 512M --vcpus 2 --deadline 300 \
	"$bin/../tests/kernels/module_inside"
