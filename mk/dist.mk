# SPDX-License-Identifier: BSD-3-Clause
# What the release is made with. bom: the bill of materials of an installer package; the same under ASan and UBSan for its tests.
# ./package makes the artefacts themselves.
BOM_FLAGS = -std=gnu11 -D_GNU_SOURCE -g $(WARN)
BOM_SRC := $(sort $(wildcard dist/*.c))
$(eval $(call flags_stamp,dist,$$(CC) $$(BOM_FLAGS)))
$(B)/bom: $(BOM_SRC) dist/bom.h $(B)/dist.flags
	$(CC) -O2 $(BOM_FLAGS) $(BOM_SRC) -larchive -o $@
$(B)/san/bom: $(BOM_SRC) dist/bom.h $(B)/dist.flags
	@mkdir -p $(@D)
	$(CC) -O1 $(BOM_FLAGS) $(LD_SAN) $(BOM_SRC) -larchive -o $@
tests: $(B)/bom $(B)/san/bom
