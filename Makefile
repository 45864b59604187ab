# SPDX-License-Identifier: MIT
#
# make setup        install what building, running and plotting need, unpack a guest kernel under
#                   build/, and what emulating SEV needs: OVMF, QEMU (root; Debian 12 or later). Elsewhere:
#                   say what to install
# make setup-tests  the same, what tests and lint need, and, where they are to be had, Debian 12's own Linux under
#                   build/guest-6.1 and the newest of Debian's backports under build/guest-backports
# make setup-guest-6.1, setup-guest-backports  one of them alone
# make setup-qemu   unpack QEMU 10 and 11 under build/, for the tests that compare versions
# make setup-peers  install what compare-peers and bench-analysis measure beside ours
# make              build the programs into build/bin
# make bench        measure natively and in every guest this host can launch, print the table
#                     SUITE=full  PLATFORMS=native,nosev  ROUNDS=5  OUT=directory
# make test         unit tests, then tests that boot a real guest
#                     JOBS=1  so many programs at once (as many as CPUs, up to 4)
# make test-unit    the first half          ONLY=text  only programs with this in their name
# make test-guest   the second half
# make test-nested  KVM inside an emulated guest: exits per operation, counted by KVM
# make test-module  the guest kernel module in every guest kernel that is unpacked under build/guest*
# make module       the guest kernel module for the unpacked guest kernel; KDIR=headers for another
# make test-paths   where each world switch goes in emulated sev, sev-es and snp guests of every Linux that
#                   is unpacked, counted, and the table of it
# make test-distribution  setup, bench and test in a debootstrap of another Debian, under build/distribution;
#                   SUITE=trixie  MIRROR=address; root, network, about an hour on two CPUs
# make lint         clang-format, clang-tidy, cppcheck, shellcheck, check-layers, check-circles
# make check-layers which room may include which
# make check-circles no two files include or call each other in a circle
# make format       let clang-format rewrite the sources
# make findings     what surprised us about others' software, shown again; network    ONLY=text
# make fuzz         feed what guests, QEMU and strangers may write, damaged, to what reads it: SECONDS=600 a target
#                     ONLY=text  only targets with this in their name
# make bench-launch    from a launch to the first result against the bare floor, ROUNDS=15
# make calibrate    one platform against itself, as it is and 3 % slower, ROUNDS=30 at most
# make bench-analysis  sevbench compare against pandas and numpy, ROWS=10000000
# make compare-peers  our memory kernels beside likwid-bench, perf bench mem, mbw and stress-ng, ROUNDS=5
#                     SECONDS_EACH=0.25
# make docs         manual pages and completion, of what the programs say, under build/docs
# make install      into PREFIX=/usr/local, below DESTDIR; with what setup brought, unless SETUP=no
# make uninstall    the same away again
# make deb          a Debian package of it, build/sevbench_VERSION_amd64.deb
# make dist         the source as committed, build/sevbench-VERSION.tar.gz
# make clean        remove what was built; what setup brought stays
#
# CC=clang          another compiler        SAN=1  AddressSanitizer and UBSan, under build/san
# B=directory       build elsewhere         V=1    show the commands

# --- what is needed: every Debian package, with its pkg-config module after the colon ---------------

PACKAGES := gcc make pkg-config binutils libc6-dev \
            libhwloc-dev:hwloc libnuma-dev:numa libpapi-dev:papi libjansson-dev:jansson \
            libarchive-dev:libarchive libkmod-dev:libkmod zlib1g-dev:zlib nettle-dev:nettle libgsl-dev:gsl \
            libcmocka-dev:cmocka libcsv-dev gnuplot-nox \
            qemu-system-x86 seabios ovmf kmod libelf1
# What only tests and lint need, and what only peers of ours are.
TESTING  := clang clang-format clang-tidy libclang-rt-dev cppcheck shellcheck locales procps busybox-static \
            chromium tidy cpuid groff-base zsh dpkg-dev
PEERS    := likwid mbw stress-ng linux-perf python3-pandas python3-numpy time
MODULES  := $(foreach p,$(PACKAGES),$(word 2,$(subst :, ,$(p))))

# --- how to build -----------------------------------------------------------------------------------

MAKEFLAGS += --no-builtin-rules
ifeq ($(origin CC),default)
CC      := gcc
endif
B       ?= build$(if $(SAN),/san)
Q       := $(if $(V),,@)
say      = $(if $(V),,@printf '  %-7s %s\n' '$(1)' '$(patsubst $(B)/%,%,$(2))')
comma   := ,

WARN    := -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith \
           -Wcast-align -Wwrite-strings -Wvla -Wformat=2 -Wundef -Werror
CFLAGS  ?= -O2 -g
SANFLAGS := $(if $(SAN),-fsanitize=address$(comma)undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
# pkg-config is asked once, and not before something is compiled: `make setup` runs without it.
PC_CFLAGS = $(eval PC_CFLAGS := $(shell pkg-config --cflags $(MODULES)) -DPAPI_SONAME=$(PAPI_SONAME))$(PC_CFLAGS)
PC_LIBS   = $(eval PC_LIBS := $(shell pkg-config --libs $(MODULES)))$(PC_LIBS)
# PAPI is opened while a program runs (harness/counters_papi.h): by the name of what the headers are of.
PAPI_SONAME = $(shell objdump -p `$(CC) -print-file-name=libpapi.so` 2>/dev/null | awk '/SONAME/ { print $$2 }')
# A short loop's speed depends on where its first instruction lies: those of kernels begin cache lines.
# Nor may it be unrolled: a loop does once a turn what its name says (GCC 13 and later unroll small ones at -O2).
LOOPS    := -falign-functions=64 -falign-loops=64 -fno-unroll-loops
ALL_CFLAGS  = -std=gnu11 -D_GNU_SOURCE -I. $(WARN) $(CFLAGS) $(SANFLAGS) $(PC_CFLAGS) -pthread
ALL_LDFLAGS = $(LDFLAGS) $(SANFLAGS) -pthread -Wl,--as-needed
LDLIBS      = $(PC_LIBS) -lcsv -lm

# --- what there is: a library a folder, by wildcard; programs by name --------------------------------

FOLDERS := harness kernels vmrun analysis bench
KERNELS := $(shell sed -n 's/^X(\(.*\))/\1/p' kernels/kernels.def)

# Sources that are a program's main, or go into no library. A folder may be divided into rooms.
MAINS   := bench/entry.c bench/main.c bench/sevbench.c vmrun/vmrun.c vmrun/guest/guest-init.c
src      = $(filter-out $(MAINS) kernels/module/%,$(wildcard $(1)/*.c $(1)/*/*.c))
obj      = $(patsubst %.c,$(B)/obj/%.o,$(1))
lib      = $(patsubst %,$(B)/lib/lib%.a,$(1))

PROGRAMS := $(KERNELS:%=$(B)/bin/bench-%) $(B)/bin/vmrun $(B)/bin/sevbench $(B)/bin/guest-init

# test_* are units, programs or shell scripts; guest_* boot a real guest; fuzz_* are targets of a fuzzer, and units by
# their seeds.
only     = $(foreach t,$(1),$(if $(findstring $(or $(ONLY),/),$(t)),$(t)))
# Sanitizers have nothing to say of these: scripts, texts, packages, a plugin that is not instrumented, machine code
# that is another with them, and one function a hundred times.
NOT_SAN  := $(patsubst %,tests/test_%.sh,layers run security) $(patsubst %,tests/vmrun/test_%.sh,emulate setup doctor_cpuid) \
            $(patsubst %,tests/bench/test_%.sh,completion help install man package pitfalls)
FUZZ_ALL := $(wildcard tests/*/fuzz_*.c tests/*/*/fuzz_*.c)
UNITS    := $(call only,$(patsubst %.c,$(B)/%,$(wildcard tests/*/test_*.c tests/*/*/test_*.c) $(FUZZ_ALL)) \
              $(filter-out $(if $(SAN),$(NOT_SAN)),$(wildcard tests/test_*.sh tests/*/test_*.sh)))
GUESTS   := $(call only,$(patsubst %.c,$(B)/%,$(wildcard tests/*/guest_*.c)) $(wildcard tests/*/guest_*.sh))

# The emulated SEV processor, for QEMU 10 and 11.
PLUGINS  := $(B)/lib/sevemu-api4.so $(B)/lib/sevemu-api7.so

all: $(PROGRAMS) $(PLUGINS) guest-module
tests: $(UNITS) $(GUESTS)

.PHONY: all tests module guest-module setup setup-tests setup-guest-6.1 setup-guest-backports setup-qemu setup-peers bench test test-unit test-guest test-module test-nested test-paths test-distribution lint check-layers check-circles findings format fuzz calibrate bench-analysis compare-peers bench-launch docs install uninstall deb dist clean help FORCE
.SECONDARY:
.DELETE_ON_ERROR:

# Nothing is compiled before these are done, in a parallel make too.
FIRST   := $(filter setup setup-tests setup-guest-6.1 setup-guest-backports setup-qemu setup-peers clean,$(MAKECMDGOALS))

# Everything compiled depends on this file, which changes when the compiler or a flag does.
$(B)/flags: FORCE | $(FIRST)
	@pkg-config --exists --print-errors $(MODULES) || { echo "Libraries are missing: run 'make setup'."; exit 1; }
	@mkdir -p $(@D)
	@echo '$(CC) $(ALL_CFLAGS) $(LOOPS) $(ALL_LDFLAGS) $(LDLIBS)' | cmp -s - $@ || \
	 echo '$(CC) $(ALL_CFLAGS) $(LOOPS) $(ALL_LDFLAGS) $(LDLIBS)' >$@

$(B)/obj/kernels/%.o: private ALL_CFLAGS += $(LOOPS)

compile  = $(Q)mkdir -p $(@D) && $(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<
link     = $(Q)mkdir -p $(@D) && $(CC) $(ALL_LDFLAGS) -o $@ $(filter %.o %.a,$^) $(LDLIBS)

$(B)/obj/%.o: %.c $(B)/flags
	$(call say,CC,$@)
	$(compile)

# The suites are data inside sevbench, and what a bundle has beside its programs.
SUITES  := $(patsubst %,$(B)/obj/%.o,$(wildcard bench/suites/*.suite bench/bundle/*))
# So are the published figures inside the analysis.
FIGURES := $(patsubst %,$(B)/obj/%.o,$(wildcard analysis/reference/*.csv))
$(SUITES) $(FIGURES): $(B)/obj/%.o: % $(B)/flags
	$(call say,DATA,$@)
	$(Q)mkdir -p $(@D) && ld -r -b binary -z noexecstack -o $@ $<

define library
$(call lib,$(1)): $(call obj,$(call src,$(1))) $(if $(filter bench,$(1)),$(SUITES)) $(if $(filter analysis,$(1)),$(FIGURES))
	$$(call say,AR,$$@)
	$$(Q)mkdir -p $$(@D) && rm -f $$@ && ar rcs $$@ $$^
endef
$(foreach d,$(FOLDERS),$(eval $(call library,$(d))))

# --- programs ---------------------------------------------------------------------------------------

# One object a kernel tells bench/main.c which kernel it measures.
ENTRIES  := $(KERNELS:%=$(B)/obj/bench/entry-%.o)
$(ENTRIES): private ALL_CFLAGS += -DKERNEL=$*
$(ENTRIES): $(B)/obj/bench/entry-%.o: bench/entry.c $(B)/flags
	$(call say,CC,$@)
	$(compile)

$(KERNELS:%=$(B)/bin/bench-%): $(B)/bin/bench-%: $(B)/obj/bench/main.o $(B)/obj/bench/entry-%.o \
                               $(call lib,bench kernels harness)
	$(call say,LD,$@)
	$(link)

$(B)/bin/sevbench: $(B)/obj/bench/sevbench.o $(call lib,bench kernels vmrun analysis harness)
	$(call say,LD,$@)
	$(link)

$(B)/bin/vmrun: $(B)/obj/vmrun/vmrun.o $(call lib,vmrun harness)
	$(call say,LD,$@)
	$(link)

# The guest's PID 1 is never instrumented, and static where the libraries are to be had so: jansson is on Debian, and
# not on Fedora, RHEL, openSUSE and Arch. There its libraries go along into the guest.
INIT_LIBS   := jansson z c
INIT_STATIC  = $(eval INIT_STATIC := $(if $(filter-out /%,$(foreach l,$(INIT_LIBS),$(shell $(CC) -print-file-name=lib$l.a))),,-static))$(INIT_STATIC)
INIT     := $(wildcard vmrun/guest/*.c) vmrun/wire/frame.c vmrun/wire/jobs.c harness/sev.c harness/hyperv.c harness/cpu.c harness/msr.c harness/err.c harness/utf8.c
$(B)/obj/init/%.o: private SANFLAGS :=
$(B)/obj/init/%.o: %.c $(B)/flags
	$(call say,CC,$@)
	$(compile)

$(B)/bin/guest-init: $(INIT:%.c=$(B)/obj/init/%.o)
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D) && $(CC) $(LDFLAGS) $(INIT_STATIC) -o $@ $^ -ljansson -lz

# One source, two versions of QEMU's interface. Never instrumented: QEMU loads it. What it takes from
# QEMU, and from nettle that QEMU has loaded, it looks up by name.
EMULATE  := $(wildcard vmrun/emulate/*.c vmrun/emulate/plugin/*.c)
PLUGIN_FLAGS = -std=gnu11 -D_GNU_SOURCE -I. $(WARN) $(CFLAGS) $(PC_CFLAGS) -fPIC -fvisibility=hidden
$(B)/obj/api4/%.o: %.c $(B)/flags
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D) && $(CC) $(PLUGIN_FLAGS) -DSEVEMU_API=4 -MMD -MP -c -o $@ $<

$(B)/obj/api7/%.o: %.c $(B)/flags
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D) && $(CC) $(PLUGIN_FLAGS) -DSEVEMU_API=7 -MMD -MP -c -o $@ $<

$(B)/lib/sevemu-api%.so:
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D) && $(CC) $(LDFLAGS) -shared -Wl,-z,defs -o $@ $^
$(B)/lib/sevemu-api4.so: $(EMULATE:%.c=$(B)/obj/api4/%.o)
$(B)/lib/sevemu-api7.so: $(EMULATE:%.c=$(B)/obj/api7/%.o)

# The guest kernel module, build/module/<release>/sevbench.ko. The headers are looked for when they are
# needed: `make setup` may have unpacked them a moment ago.
GUEST_KDIR  = $(firstword $(GUEST_KDIRS))
GUEST_KDIRS = $(shell ls -d build/guest/lib/modules/*/build build/guest-*/lib/modules/*/build 2>/dev/null)
module: | $(FIRST)
	$(call say,KBUILD,$(B)/module)
	$(Q)kernels/build-module.sh '$(or $(KDIR),$(GUEST_KDIR))' build/module

# As part of all: for every Linux that is unpacked with its headers. Without the module its kernels say what is missing.
guest-module: | $(FIRST)
	$(Q)for kdir in $(GUEST_KDIRS); do kernels/build-module.sh "$$kdir" build/module || exit; done

# An init that forgets what it should keep in its memory: what a proof of encryption makes of that.
$(B)/tests/vmrun/forgetful-init: $(filter-out %/guest_marker.o,$(INIT:%.c=$(B)/obj/init/%.o)) $(B)/obj/init/tests/vmrun/forgetful.o
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D) && $(CC) $(LDFLAGS) $(INIT_STATIC) -o $@ $^ -ljansson -lz

# A QEMU that goes wrong on purpose.
$(B)/tests/vmrun/stub-qemu: $(B)/obj/init/tests/vmrun/stub_qemu.o $(B)/obj/init/vmrun/wire/frame.o $(B)/obj/init/harness/err.o $(B)/obj/init/harness/utf8.o
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D) && $(CC) $(LDFLAGS) $(INIT_STATIC) -o $@ $^ -ljansson -lz

# --- tests ------------------------------------------------------------------------------------------

$(B)/tests/%: $(B)/obj/tests/%.o $(call lib,bench kernels vmrun analysis harness)
	$(call say,LD,$@)
	$(link)

# A fuzz target as a unit is its seeds.
$(FUZZ_ALL:%.c=$(B)/%): $(B)/obj/tests/fuzz_seeds.o

# It verifies signatures, by the half of nettle that pkg-config does not name.
$(B)/tests/vmrun/attest: private LDLIBS += -lhogweed -lnettle -lgmp

# What tests run, themselves and inside their guests.
UNIT_PROGRAMS  := $(B)/tests/analysis/make_run $(B)/tests/analysis/make_samples $(B)/tests/vmrun/stub-qemu
GUEST_PROGRAMS := $(B)/tests/vmrun/fault $(B)/tests/kernels/module_inside $(B)/tests/vmrun/several \
                  $(B)/tests/vmrun/forgetful-init $(B)/tests/vmrun/encrypted_inside $(B)/tests/vmrun/attest

# A locale with a decimal comma, in which every number must be written with a point all the same.
LOCALE   := $(B)/locale/de_DE.UTF-8
$(LOCALE): | $(FIRST)
	$(call say,LOCALE,$@)
	$(Q)mkdir -p $(@D) && localedef -c --no-archive -i de_DE -f UTF-8 $@ || echo "localedef failed: a test will be skipped"

# So many test programs at once. A guest that is emulated keeps a CPU busy, and some have 5 GiB of memory.
JOBS ?= $(shell n=$$(nproc); echo $$((n < 4 ? n : 4)))

# A sanitizer that keeps frames of the stack for a while, as from gcc 13 and clang 15 on by itself, has page faults of its
# own among those that kernels count.
ASAN_OPTIONS ?= detect_stack_use_after_return=0

# Tests find the programs that were built with them in SEVBENCH_BIN.
run_tests = $(Q)JOBS=$(JOBS) $(if $(SAN),ASAN_OPTIONS=$(ASAN_OPTIONS)) LOCPATH=$(abspath $(B)/locale) SEVBENCH_BIN=$(abspath $(B)/bin) tests/run
test-unit: $(UNITS) $(UNIT_PROGRAMS) $(LOCALE) $(PROGRAMS) $(PLUGINS) docs
	$(run_tests) $(UNITS)

test-guest: $(GUESTS) $(GUEST_PROGRAMS) all
	$(run_tests) $(GUESTS)

# The module built without a warning for every Linux that is unpacked, and tested in each.
test-module: $(GUEST_PROGRAMS) all
	$(Q)SEVBENCH_BIN=$(abspath $(B)/bin) tests/run tests/kernels/every_linux.sh

# A guest of KVM inside a guest of TCG: a minute on an idle machine.
test-nested: $(GUEST_PROGRAMS) all
	$(Q)SEVBENCH_BIN=$(abspath $(B)/bin) TEST_LIMIT=400 tests/run tests/vmrun/nested_lab.sh

# Of every Linux; those of one are among the guests of `make test`. Three emulated guests a Linux, and six small ones:
# five minutes on an idle machine. The table stays.
test-paths: all
	$(Q)rm -f $(B)/paths.txt; status=0; SEVBENCH_BIN=$(abspath $(B)/bin) PATHS_OF=all PATHS_TABLE=$(abspath $(B)/paths.txt) \
	        TEST_LIMIT=1800 tests/run tests/bench/guest_paths.sh || status=1; cat $(B)/paths.txt; exit $$status

# Sanitizers are for the units: under software emulation an instrumented guest takes minutes to boot.
test: $(UNITS) $(UNIT_PROGRAMS) $(LOCALE) $(if $(SAN),,$(GUESTS) $(GUEST_PROGRAMS)) all docs
	$(run_tests) $(UNITS) $(if $(SAN),,$(GUESTS))

# libFuzzer over all that reads what guests, QEMU and strangers wrote, one target after the other. Each begins with the
# seeds beside it; what it finds is left under build/fuzz.
FUZZ      := -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
FUZZERS    = $(strip $(call only,$(FUZZ_ALL:%.c=%)))
fuzz_objs  = $(patsubst %.c,$(B)/fuzz/obj/%.o,$(1))
$(B)/fuzz/obj/%.o: %.c $(B)/flags
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D) && clang -O1 -g -std=gnu11 -D_GNU_SOURCE -I. $(FUZZ) $(PC_CFLAGS) -pthread -MMD -MP -c -o $@ $<

$(B)/fuzz/lib.a: $(foreach f,$(FOLDERS),$(call fuzz_objs,$(call src,$(f)))) $(SUITES) $(FIGURES)
	$(call say,AR,$@)
	$(Q)rm -f $@ && ar qcs $@ $^

$(B)/fuzz/bin/%: $(B)/fuzz/obj/%.o $(B)/fuzz/lib.a
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D) && clang -fsanitize=fuzzer,address,undefined -pthread -o $@ $^ $(LDLIBS)

# 8 KiB are enough for what is read, and no input may take a minute.
fuzz: $(FUZZERS:%=$(B)/fuzz/bin/%)
	$(Q)test -n '$(FUZZERS)' || { echo "no fuzz target has '$(ONLY)' in its name"; exit 1; }
	$(Q)for target in $(FUZZERS); do name=$${target##*/fuzz_}; mkdir -p $(B)/fuzz/corpus-$$name && \
	        $(B)/fuzz/bin/$$target -max_total_time=$(or $(SECONDS),600) -max_len=8192 -timeout=60 -print_final_stats=1 \
	        -artifact_prefix=$(B)/fuzz/$$name- $(B)/fuzz/corpus-$$name $${target%/*}/seeds || exit; done

# Not for CI: each fetches the packages that it is about.
findings:
	$(Q)findings/run $(call only,$(filter-out findings/lib.sh,$(wildcard findings/*.sh)))

# PID 1 of the bare floor, static like the real one.
$(B)/tests/vmrun/floor-init: $(B)/obj/init/tests/vmrun/floor-init.o
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D) && $(CC) $(LDFLAGS) -static -o $@ $^

bench-launch: $(B)/tests/vmrun/bench_launch $(B)/tests/vmrun/floor-init $(B)/bin/guest-init $(B)/bin/bench-memcpy
	$(Q)$(B)/tests/vmrun/bench_launch $(ROUNDS)

# The samples stay, to be judged again.
CALIBRATION := $(B)/calibration
calibrate: $(B)/tests/bench/calibrate $(KERNELS:%=$(B)/bin/bench-%)
	$(Q)rm -rf $(CALIBRATION)
	$(Q)$(B)/tests/bench/calibrate tests/bench/calibrate.suite $(CALIBRATION) $(ROUNDS)

bench-analysis: $(B)/bin/sevbench $(B)/tests/analysis/make_samples
	$(Q)tests/analysis/bench $(B)/bin $(B)/tests/analysis/make_samples $(or $(ROWS),10000000)

# --- lint: a stamp a source, which rests on its object and so on every header it reads ---------------

C_FILES  := $(filter-out kernels/module/%,$(wildcard $(foreach f,$(FOLDERS) tests,$(f)/*.c $(f)/*/*.c $(f)/*/*/*.c)))
H_FILES  := $(wildcard $(foreach f,$(FOLDERS) tests,$(f)/*.h $(f)/*/*.h $(f)/*/*/*.h)) $(wildcard kernels/module/*.c)
SCRIPTS  := $(wildcard .ci/run tests/run tests/check-layers tests/check-circles findings/run */*.sh */*/*.sh)
# cppcheck 2.17 (Debian 13) says where it looked no further, takes cmocka's asserts, whose header it does not read, for
# uses of what they close, and wants tests to go on without memory.
CPPCHECK := cppcheck --quiet --error-exitcode=1 --std=c11 --enable=warning,performance,portability \
            --suppress=missingIncludeSystem --suppress=uninitdata --suppress=autoVariables \
            --suppress=normalCheckLevelMaxBranches '--suppress=deallocuse:tests/*' \
            '--suppress=nullPointerOutOfMemory:tests/*' '--suppress=nullPointerOutOfResources:tests/*' \
            -D__x86_64__ '-DJSON_INTEGER_FORMAT="lld"' -I.

$(B)/lint/%: %.c $(B)/obj/%.o .clang-tidy
	$(call say,LINT,$<)
	$(Q)mkdir -p $(@D) && clang-tidy --quiet $< -- $(ALL_CFLAGS) 2>$@.log || { cat $@.log; exit 1; }
	$(Q)$(CPPCHECK) $<
	@touch $@

lint: $(C_FILES:%.c=$(B)/lint/%) check-layers check-circles
	$(call say,LINT,clang-format)
	$(Q)clang-format --dry-run -Werror $(C_FILES) $(H_FILES)
	$(call say,LINT,shellcheck)
	$(Q)shellcheck -x -e SC2317 $(SCRIPTS)

check-layers:
	$(call say,LINT,layers)
	$(Q)tests/check-layers

check-circles: $(foreach f,$(FOLDERS),$(call obj,$(call src,$(f))))
	$(call say,LINT,circles)
	$(Q)tests/check-circles $(B)/obj

format:
	$(Q)clang-format -i $(C_FILES) $(H_FILES)

# --- the rest ---------------------------------------------------------------------------------------

setup:
	$(Q)vmrun/setup.sh build/guest $(PACKAGES)
	$(to_emulate)

setup-tests:
	$(Q)vmrun/setup.sh build/guest $(PACKAGES) $(TESTING)
	$(call older_linux,--second)
	$(call newest_linux,--second)
	$(to_emulate)

# An OVMF that is good for SNP, and a QEMU that can emulate SEV.
define to_emulate
	$(Q)vmrun/setup-ovmf.sh build/ovmf trixie
	$(Q)vmrun/setup-qemu.sh --to-emulate build/qemu-10 bookworm bookworm-backports
endef

# As a new user of another Debian would, in a debootstrap of it.
test-distribution:
	$(Q)tests/distribution.sh $(or $(SUITE),trixie) build/distribution $(MIRROR)

compare-peers: $(patsubst %,$(B)/bin/bench-%,memcpy memset read stream)
	$(Q)bench/compare-peers.sh $(B)/bin

older_linux  = $(Q)vmrun/setup.sh $(1) --suite bookworm --image linux-image-cloud-amd64 build/guest-6.1 $(PACKAGES)
newest_linux = $(Q)vmrun/setup.sh $(1) --suite trixie-backports --image linux-image-cloud-amd64 build/guest-backports $(PACKAGES)
setup-guest-6.1:
	$(call older_linux)

setup-guest-backports:
	$(call newest_linux)

setup-qemu:
	$(Q)vmrun/setup-qemu.sh build/qemu-10 bookworm bookworm-backports
	$(Q)vmrun/setup-qemu.sh build/qemu-11 trixie trixie-backports

setup-peers:
	$(Q)vmrun/setup.sh build/guest $(PEERS)

# Alone on the machine: after everything else that was asked for.
bench: all | $(filter-out bench,$(MAKECMDGOALS))
	$(Q)$(B)/bin/sevbench run --suite $(or $(SUITE),quick) $(if $(PLATFORMS),--platforms $(PLATFORMS)) \
	        $(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(OUT),--out $(OUT))

PREFIX ?= /usr/local
docs: $(PROGRAMS)
	$(call say,DOCS,$(B)/docs)
	$(Q)rm -rf $(B)/docs && docs/man.sh $(B)/bin $(B)/docs && docs/completion.sh $(B)/bin $(B)/docs/completion

install: all docs
	$(Q)DESTDIR='$(DESTDIR)' SETUP='$(SETUP)' bench/install.sh install $(B) '$(PREFIX)'

uninstall:
	$(Q)DESTDIR='$(DESTDIR)' bench/install.sh uninstall '$(PREFIX)'

deb: all docs
	$(Q)bench/deb.sh $(B)

# The same commit is the same bytes, whenever and by whom it is made.
VERSION  = $(shell sed -n 's/.*SEVBENCH_VERSION "\(.*\)"/\1/p' harness/version.h)
dist:
	$(Q)mkdir -p $(B) && git archive --format=tar --prefix=sevbench-$(VERSION)/ HEAD | gzip -9n >$(B)/sevbench-$(VERSION).tar.gz
	@echo $(B)/sevbench-$(VERSION).tar.gz

clean:
	$(Q)find build -mindepth 1 -maxdepth 1 ! -name 'guest*' ! -name 'qemu-*' ! -name ovmf -exec rm -rf {} + 2>/dev/null || true

help:
	@sed -n '/^# make /,/^$$/s/^# \{0,1\}//p' Makefile

-include $(shell find $(B)/obj $(B)/fuzz -name '*.d' 2>/dev/null)
