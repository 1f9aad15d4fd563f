# SPDX-License-Identifier: BSD-3-Clause
# One non-recursive make; every part has its file in mk/. Outputs under build/<target>/; products in build/.
#   make            all products            make kexts [KPI=DIR]   the kexts (DIR: Apple's SDK headers instead of kpi/)
#   make tests      all test programs       make clean
B := build
all:
MAKEFLAGS += --no-builtin-rules
.SUFFIXES:
.SECONDARY:
.DELETE_ON_ERROR:

include mk/config.mk
include $(sort $(filter-out mk/config.mk,$(wildcard mk/*.mk)))

.PHONY: all kexts tests clean
clean:
	rm -rf $(B)
-include $(shell find $(B) -name '*.d' 2>/dev/null)
