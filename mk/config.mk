# SPDX-License-Identifier: BSD-3-Clause
# Tools, warnings and the rule that a change of flags rebuilds: an object depends on a stamp that holds its flags.
CLANG   ?= clang
CLANGXX ?= clang++
LD      ?= ld
OBJCOPY ?= objcopy
WARN    := -Wall -Wextra -Wpointer-arith -Wvla -Wno-unused-parameter
DEPFLAGS = -MMD -MP
# $(call flags_stamp,NAME,TEXT): build/NAME.flags, rewritten only when TEXT changes.
define flags_stamp
$(B)/$(1).flags: FORCE
	@mkdir -p $$(@D); printf '%s\n' '$(2)' | cmp -s - $$@ || printf '%s\n' '$(2)' > $$@
endef
.PHONY: FORCE
FORCE:
VERSION := $(shell cat VERSION)
