# SPDX-License-Identifier: BSD-3-Clause
# The kexts: build/kexts/NAME.kext, x86_64, 10.6 and later. `make kexts KPI=DIR` takes Apple's headers in DIR instead of kpi/.
# A kext is a folder kext/NAME with its classes and Info.plist.in; below stand its identifier, what of core/ it holds, the kexts
# it links against, and what it exports.
KPI ?= kpi
# With kpi/ every import must be an export of 10.6. Apple's newer headers fill vtables with names that it lacks: no check then.
KEXT_CHECK := $(if $(filter kpi,$(KPI)),-kpi kpi/abi/exports.tsv -min 10.6)
KEXTS := VirtioFamily VirtioNet

KEXT_ID.VirtioFamily   := org.virtio-osx.VirtioFamily
KEXT_CORE.VirtioFamily := vio_feature vio_pci vio_pci_legacy vio_pci_modern vq vq_any vq_any_packed
KEXT_LIBS.VirtioFamily :=
KEXT_EXPORT.VirtioFamily := '_hal_*' '_vio_*' '_vq_*' '*VirtioPCIDriver*'

KEXT_ID.VirtioNet   := org.virtio-osx.driver.VirtioNet
KEXT_CORE.VirtioNet := vio_ctrl vio_frame vio_net vio_net_ctrl vio_net_rx vio_net_rx_packed vio_net_sum vio_net_tx vio_net_tx_packed vio_net_debug
KEXT_LIBS.VirtioNet := VirtioFamily
KEXT_EXPORT.VirtioNet :=

# facts of each flag: the kernel has no C library, no unwinder, no floating point, one address model (-mkernel), and its own
# virtual call convention (-fapple-kext)
KEXT_FLAGS := -target x86_64-apple-macosx10.6 -mkernel -nostdinc -isystem $(KPI) -I. -DKERNEL -DAPPLE -DNeXT -O2 -g0 \
    -fno-builtin -fno-common -fno-stack-protector -fno-unwind-tables -fno-asynchronous-unwind-tables -mno-sse -mno-mmx \
    -msoft-float -mno-implicit-float -fno-jump-tables -fno-strict-aliasing $(WARN) -Wno-stdlibcxx-not-found \
    -Wno-inconsistent-missing-override -DKEXT_VERSION=$(VERSION)
KEXT_CXXFLAGS := -std=gnu++11 -fapple-kext -fno-rtti -fno-exceptions -fno-threadsafe-statics -fno-use-cxa-atexit \
    -fno-register-global-dtors-with-atexit -Wno-overloaded-virtual
$(eval $(call flags_stamp,kext,$$(CLANG) $$(KEXT_FLAGS) $$(KEXT_CXXFLAGS)))

define kext_rules
KEXT_OBJ.$(1) := $$(patsubst %.cpp,$$(B)/mach/%.o,$$(sort $$(wildcard kext/$(1)/*.cpp))) \
    $$(KEXT_CORE.$(1):%=$$(B)/mach/core/%.o) $$(B)/mach/kext/$(1)/kmod.o $$(B)/mach/kext/bzero.o
KEXT_BIN.$(1) := $$(B)/kexts/$(1).kext/Contents/MacOS/$(1)
$$(B)/mach/kext/$(1)/kmod.o: kext/kmod.c $$(B)/kext.flags
	@mkdir -p $$(@D)
	$$(CLANG) -std=gnu11 $$(KEXT_FLAGS) -DKEXT_ID=$$(KEXT_ID.$(1)) $$(DEPFLAGS) -c $$< -o $$@
$$(KEXT_BIN.$(1)): $$(KEXT_OBJ.$(1)) $$(foreach l,$$(KEXT_LIBS.$(1)),$$(KEXT_BIN.$$l)) $$(B)/kextld kpi/abi/exports.tsv
	@mkdir -p $$(@D)
	$$(B)/kextld -arch x86_64 -o $$@ $$(KEXT_CHECK) -id $$(KEXT_ID.$(1)) -version $$(VERSION) \
	    $$(foreach l,$$(KEXT_LIBS.$(1)),-l $$(KEXT_BIN.$$l)) \
	    $$(or $$(KEXT_EXPORT.$(1):%=-exported_symbol %),-no_exported_symbols) $$(KEXT_OBJ.$(1))
$$(B)/kexts/$(1).kext/Contents/Info.plist: kext/$(1)/Info.plist.in VERSION
	@mkdir -p $$(@D)
	sed 's/@VERSION@/$$(VERSION)/g' $$< >$$@
kexts: $$(KEXT_BIN.$(1)) $$(B)/kexts/$(1).kext/Contents/Info.plist
endef
$(B)/mach/%.o: %.c $(B)/kext.flags
	@mkdir -p $(@D)
	$(CLANG) -std=gnu11 $(KEXT_FLAGS) $(DEPFLAGS) -c $< -o $@
$(B)/mach/%.o: %.cpp $(B)/kext.flags
	@mkdir -p $(@D)
	$(CLANGXX) $(KEXT_FLAGS) $(KEXT_CXXFLAGS) $(DEPFLAGS) -c $< -o $@
$(foreach k,$(KEXTS),$(eval $(call kext_rules,$k)))
all: kexts
