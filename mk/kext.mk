# SPDX-License-Identifier: BSD-3-Clause
# The kexts: build/kexts/NAME.kext, for 10.6 and later: x86_64, and i386 for the 32-bit kernels of 10.6 and 10.7, in one
# universal file; build/kexts-10.5/NAME.kext, i386, for 10.5. `make kexts KPI=DIR` takes Apple's headers in DIR instead of kpi/,
# and makes x86_64 alone: clang lays i386 vtables out as Apple's i386 kernels do only with kpi/'s help (ld/vtables.c).
# A kext is a folder kext/NAME with its classes and Info.plist.in; below stand its identifier, what of core/ it holds, the kexts
# it links against, and what it exports.
KPI ?= kpi
KEXTS := VirtioFamily VirtioNet
LIPO ?= $(shell $(CLANG) -print-prog-name=llvm-lipo)

KEXT_ID.VirtioFamily   := org.virtio-osx.VirtioFamily
KEXT_CORE.VirtioFamily := vio_feature vio_pci vio_pci_legacy vio_pci_modern vq vq_any vq_any_packed
KEXT_LIBS.VirtioFamily :=
KEXT_EXPORT.VirtioFamily := '_hal_*' '_vio_*' '_vq_*' '*VirtioPCIDriver*'

KEXT_ID.VirtioNet   := org.virtio-osx.driver.VirtioNet
KEXT_CORE.VirtioNet := vio_ctrl vio_frame vio_net vio_net_ctrl vio_net_rx vio_net_rx_packed vio_net_sum vio_net_tx vio_net_tx_packed vio_net_debug
KEXT_LIBS.VirtioNet := VirtioFamily
KEXT_EXPORT.VirtioNet :=

# The builds, and for each: -arch, the systems that it is for, the compiler's target and what goes with it, the file or files of
# kext/ that the compiler's run-time calls need. With kpi/ every import must be an export of each of these systems. Apple's newer
# headers fill vtables with names that 10.6 lacks: no check then.
KEXT_BUILDS := x86_64 $(if $(filter kpi,$(KPI)),i386 i386-10.5)
KEXT_ARCH.x86_64    := x86_64
KEXT_ARCH.i386      := i386
KEXT_ARCH.i386-10.5 := i386
KEXT_SYSTEMS.x86_64    := -min 10.6 -max 11
KEXT_SYSTEMS.i386      := -min 10.6 -max 10.7
KEXT_SYSTEMS.i386-10.5 := -min 10.5 -max 10.5
KEXT_CHECK := $(if $(filter kpi,$(KPI)),-kpi kpi/abi/exports.tsv)
# facts of each flag: the kernel has no C library, no unwinder, no floating point, one address model (-mkernel, -static), and its
# own virtual call convention (-fapple-kext, which clang's driver knows for -mkernel only)
KEXT_TARGET.x86_64    := -target x86_64-apple-macosx10.6 -mkernel
KEXT_TARGET.i386      := -target i386-apple-macosx10.6 -static
KEXT_TARGET.i386-10.5 := -target i386-apple-macosx10.5 -static -DKEXT_10_5
KEXT_CXX.x86_64       := -fapple-kext
KEXT_CXX.i386         := -Xclang -fapple-kext
KEXT_HELPERS.x86_64    := bzero
KEXT_HELPERS.i386      := bzero int64
KEXT_HELPERS.i386-10.5 := bzero int64
KEXT_FLAGS := -nostdinc -isystem $(KPI) -I. -DKERNEL -DAPPLE -DNeXT -O2 -g0 \
    -fno-builtin -fno-common -fno-stack-protector -fno-unwind-tables -fno-asynchronous-unwind-tables -mno-sse -mno-mmx \
    -msoft-float -mno-implicit-float -fno-jump-tables -fno-strict-aliasing $(WARN) -Wno-stdlibcxx-not-found \
    -Wno-inconsistent-missing-override -DKEXT_VERSION=$(VERSION)
KEXT_CXXFLAGS := -std=gnu++11 -fno-rtti -fno-exceptions -fno-threadsafe-statics -fno-use-cxa-atexit \
    -fno-register-global-dtors-with-atexit -Wno-overloaded-virtual

# build/mach/BUILD/: objects, and binaries of one architecture, NAME.kext
define kext_build
$(eval $(call flags_stamp,mach/$(1),$$(CLANG) $$(KEXT_TARGET.$(1)) $$(KEXT_FLAGS) $$(KEXT_CXXFLAGS) $$(KEXT_CXX.$$(KEXT_ARCH.$(1)))))
$$(B)/mach/$(1)/%.o: %.c $$(B)/mach/$(1).flags
	@mkdir -p $$(@D)
	$$(CLANG) -std=gnu11 $$(KEXT_TARGET.$(1)) $$(KEXT_FLAGS) $$(DEPFLAGS) -c $$< -o $$@
$$(B)/mach/$(1)/%.o: %.cpp $$(B)/mach/$(1).flags
	@mkdir -p $$(@D)
	$$(CLANGXX) $$(KEXT_TARGET.$(1)) $$(KEXT_FLAGS) $$(KEXT_CXXFLAGS) $$(KEXT_CXX.$$(KEXT_ARCH.$(1))) $$(DEPFLAGS) -c $$< -o $$@
endef

# $(call kext_binary,NAME,BUILD)
define kext_binary
KEXT_OBJ.$(1).$(2) := $$(patsubst %.cpp,$$(B)/mach/$(2)/%.o,$$(sort $$(wildcard kext/$(1)/*.cpp))) \
    $$(KEXT_CORE.$(1):%=$$(B)/mach/$(2)/core/%.o) $$(B)/mach/$(2)/kext/$(1)/kmod.o \
    $$(KEXT_HELPERS.$(2):%=$$(B)/mach/$(2)/kext/%.o)
$$(B)/mach/$(2)/kext/$(1)/kmod.o: kext/kmod.c $$(B)/mach/$(2).flags
	@mkdir -p $$(@D)
	$$(CLANG) -std=gnu11 $$(KEXT_TARGET.$(2)) $$(KEXT_FLAGS) -DKEXT_ID=$$(KEXT_ID.$(1)) $$(DEPFLAGS) -c $$< -o $$@
$$(B)/mach/$(2)/$(1).kext: $$(KEXT_OBJ.$(1).$(2)) $$(KEXT_LIBS.$(1):%=$$(B)/mach/$(2)/%.kext) $$(B)/kextld \
    kpi/abi/exports.tsv
	$$(B)/kextld -arch $$(KEXT_ARCH.$(2)) -o $$@ $$(if $$(KEXT_CHECK),$$(KEXT_CHECK) $$(KEXT_SYSTEMS.$(2))) \
	    -id $$(KEXT_ID.$(1)) -version $$(VERSION) $$(foreach l,$$(KEXT_LIBS.$(1)),-l $$(B)/mach/$(2)/$$l.kext) \
	    $$(or $$(KEXT_EXPORT.$(1):%=-exported_symbol %),-no_exported_symbols) $$(KEXT_OBJ.$(1).$(2))
endef

# $(call kext_bundle,NAME,FOLDER,BUILDS,VERSION OF THE KERNEL'S LIBRARIES). Darwin's major version is that of its libraries.
define kext_bundle
$$(B)/$(2)/$(1).kext/Contents/MacOS/$(1): $(3:%=$$(B)/mach/%/$(1).kext)
	@mkdir -p $$(@D)
	$$(if $$(filter 1,$(words $(3))),cp $$< $$@,$$(LIPO) -create $$^ -output $$@)
$$(B)/$(2)/$(1).kext/Contents/Info.plist: kext/$(1)/Info.plist.in VERSION mk/kext.mk
	@mkdir -p $$(@D)
	sed 's/@VERSION@/$$(VERSION)/g; s/@KPI@/$(4)/g' $$< >$$@
kexts: $$(B)/$(2)/$(1).kext/Contents/MacOS/$(1) $$(B)/$(2)/$(1).kext/Contents/Info.plist
endef
$(foreach b,$(KEXT_BUILDS),$(eval $(call kext_build,$b)))
$(foreach k,$(KEXTS),$(foreach b,$(KEXT_BUILDS),$(eval $(call kext_binary,$k,$b))))
$(foreach k,$(KEXTS),$(eval $(call kext_bundle,$k,kexts,$(filter-out %-10.5,$(KEXT_BUILDS)),10.0.0)))
$(foreach k,$(if $(filter i386-10.5,$(KEXT_BUILDS)),$(KEXTS)),$(eval $(call kext_bundle,$k,kexts-10.5,i386-10.5,9.0.0)))
all: kexts
