# SPDX-License-Identifier: BSD-3-Clause
# Yardsticks for measurements.
all: $(B)/shuttle
$(B)/shuttle: bench/shuttle.c
	@mkdir -p $(@D)
	$(CLANG) -std=gnu11 -O2 $(WARN) $(DEPFLAGS) -MF $@.d $< -o $@ -pthread
