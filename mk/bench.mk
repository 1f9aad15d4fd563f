# SPDX-License-Identifier: BSD-3-Clause
# Yardsticks for measurements.
all: $(B)/shuttle
$(B)/shuttle: bench/shuttle.c
	@mkdir -p $(@D)
	$(CLANG) -std=gnu11 -O2 $(WARN) $(DEPFLAGS) -MF $@.d $< -o $@ -pthread

# The driver's half of each ring, for bench/ring.sh.
$(B)/bench/ring-split $(B)/bench/ring-packed: bench/ring.c core/vq.c
	@mkdir -p $(@D)
	$(CLANG) -std=gnu11 -O2 -I. $(WARN) $(if $(findstring packed,$@),-DVQ_PACKED) $(DEPFLAGS) -MF $@.d $(filter %.c,$^) -o $@
all: $(B)/bench/ring-split $(B)/bench/ring-packed
