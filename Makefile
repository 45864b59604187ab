# SPDX-License-Identifier: MIT
#
# make setup        install what is needed, unpack a guest kernel under build/ (root, Debian)
# make              build everything
# make bench        measure natively and in every guest this host can launch, print the table
# make test         unit tests and tests that boot a real guest
# make lint         clang-format, clang-tidy, cppcheck, layers
#
# CC=clang          another compiler          SAN=1   AddressSanitizer and UBSan, under build/san
# V=1               show the commands

CC      ?= gcc
B       := build$(if $(SAN),/san)
Q       := $(if $(V),,@)
say      = $(if $(V),,@printf '  %-7s %s\n' '$(1)' '$(patsubst $(B)/%,%,$(2))')

PKGS    := hwloc jansson libarchive libkmod zlib gsl
WARN    := -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith \
           -Wcast-align -Wwrite-strings -Wvla -Wformat=2 -Wundef -Werror
comma   := ,
SANFLAGS := $(if $(SAN),-fsanitize=address$(comma)undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
CFLAGS  ?= -O2 -g
ALL_CFLAGS = $(CFLAGS) -std=gnu11 -D_GNU_SOURCE -I. $(WARN) $(SANFLAGS) $(shell pkg-config --cflags $(PKGS)) -pthread
ALL_LDFLAGS = $(LDFLAGS) $(SANFLAGS) -pthread -Wl,--as-needed
LDLIBS  = $(shell pkg-config --libs $(PKGS)) -lnuma -lpapi -lcsv -lm

# --- what there is: a library a folder, by wildcard; programs by name --------------------------------

KERNELS := $(shell sed -n 's/^X(\(.*\))/\1/p' kernels/kernels.def)

# Sources that are a program's main, or go into no library.
MAINS   := bench/entry.c bench/main.c bench/sevbench.c vmrun/vmrun.c vmrun/guest-init.c
src      = $(filter-out $(MAINS),$(wildcard $(1)/*.c))
obj      = $(patsubst %.c,$(B)/obj/%.o,$(1))
lib      = $(B)/lib/lib$(1).a

PROGRAMS := $(KERNELS:%=$(B)/bin/bench-%) $(B)/bin/vmrun $(B)/bin/sevbench $(B)/bin/guest-init
# test_* are units; guest_* boot a real guest.
UNITS    := $(patsubst tests/%.c,$(B)/tests/%,$(wildcard tests/*/test_*.c))
GUESTS   := $(patsubst tests/%.c,$(B)/tests/%,$(wildcard tests/*/guest_*.c))

all: $(PROGRAMS)

.PHONY: all clean
.SECONDARY:
.DELETE_ON_ERROR:

$(B)/obj/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

define library
$(call lib,$(1)): $(call obj,$(call src,$(1)))
	@mkdir -p $$(@D)
	$$(call say,AR,$$@)
	$$(Q)rm -f $$@ && ar rcs $$@ $$^
endef
$(foreach d,harness kernels vmrun analysis bench,$(eval $(call library,$(d))))

link = $(call say,LD,$@)
link_cmd = $(Q)mkdir -p $(@D) && $(CC) $(ALL_LDFLAGS) -o $@ $(filter %.o %.a,$^) $(LDLIBS)

$(B)/obj/bench/entry-%.o: bench/entry.c Makefile
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) $(ALL_CFLAGS) -DKERNEL=$* -MMD -MP -c -o $@ $<

$(KERNELS:%=$(B)/bin/bench-%): $(B)/bin/bench-%: $(B)/obj/bench/main.o $(B)/obj/bench/entry-%.o \
                               $(call lib,bench) $(call lib,kernels) $(call lib,harness)
	$(link)
	$(link_cmd)

$(B)/bin/sevbench: $(B)/obj/bench/sevbench.o $(call lib,bench) $(call lib,kernels) $(call lib,vmrun) \
                   $(call lib,analysis) $(call lib,harness)
	$(link)
	$(link_cmd)

$(B)/bin/vmrun: $(B)/obj/vmrun/vmrun.o $(call lib,vmrun) $(call lib,harness)
	$(link)
	$(link_cmd)

# The guest's PID 1: static and never instrumented, it runs where there is no library.
$(B)/bin/guest-init: SANFLAGS :=
$(B)/bin/guest-init: vmrun/guest-init.c vmrun/frame.c vmrun/jobs.c harness/sev.c harness/cpu.c harness/err.c Makefile
	@mkdir -p $(@D)
	$(link)
	$(Q)$(CC) $(ALL_CFLAGS) -static -MMD -MP -MF $(B)/obj/guest-init.d -o $@ $(filter %.c,$^) -ljansson -lz

$(B)/tests/%: tests/%.c $(call lib,bench) $(call lib,kernels) $(call lib,vmrun) $(call lib,analysis) \
              $(call lib,harness) Makefile
	@mkdir -p $(@D)
	$(link)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -MF $@.d $(ALL_LDFLAGS) -o $@ $(filter %.c %.a,$^) $(LDLIBS) -lcmocka

clean:
	rm -rf build

-include $(shell find $(B)/obj $(B)/tests -name '*.d' 2>/dev/null)
