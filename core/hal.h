// SPDX-License-Identifier: BSD-3-Clause
/*
 * The boundary between core/ and an operating system: DMA memory, private memory, PCI configuration space,
 * device registers, time and log. Link-time functions, for nothing here is called per descriptor; the only
 * one near a hot path is hal_write() for a doorbell, once a burst. kext/VirtioFamily implements it for Mac OS
 * X, test/core for a fake device.
 *
 * What both sides owe. Core: calls everything except hal_read, hal_write, hal_pci_read and hal_log from a
 * thread that may sleep; frees all it allocated, with the same sizes, but for what a device that does not stop
 * may still write to; never touches a bar after unmapping it.
 * OS: no function fails in another way than stated; none calls back into core.
 */
#ifndef CORE_HAL_H
#define CORE_HAL_H
#include "vio.h"

VIO_BEGIN

/* One PCI function; the OS side's own type, opaque here. Core only hands it back. */
struct hal_dev;

/* Physically contiguous memory that both processor and device see coherently. */
struct hal_dma {
    void *va;      /* NULL: nothing allocated */
    uint64_t pa;   /* the address to give the device */
    uint32_t size; /* bytes, as asked for */
    void *os;      /* the OS side's own */
};

/*
 * Allocates `size` zeroed bytes, aligned to `align` (a power of two up to 4096), whose last byte lies below
 * 2^`addr_bits`. 0, or VIO_ENOMEM with *dma zeroed. The memory lasts until hal_dma_free().
 */
int hal_dma_alloc(struct hal_dev *dev, struct hal_dma *dma, uint32_t size, uint32_t align,
                  unsigned addr_bits);
/* Frees and zeroes *dma; nothing happens if it holds nothing. The device must not use the memory any more. */
void hal_dma_free(struct hal_dev *dev, struct hal_dma *dma);

/* `size` zeroed bytes of private memory, aligned for any type, or NULL. */
void *hal_alloc(uint32_t size);
/* Frees what hal_alloc(size) gave; p may be NULL. */
void hal_free(void *p, uint32_t size);

/*
 * Reads `width` (1, 2 or 4) bytes of PCI configuration space at `offset`, which is a multiple of `width` and
 * below 256. All-ones if the function is gone. May be called in any context where the OS permits it; core
 * calls it from threads.
 */
uint32_t hal_pci_read(struct hal_dev *dev, unsigned offset, unsigned width);

/* One mapped base address register, port or memory. Filled by hal_bar_map(); core reads `size`, copies it
 * freely. */
struct hal_bar {
    uint64_t size;  /* bytes that may be accessed; 0: not mapped */
    bool is_io;     /* ports, by in and out */
    uintptr_t base; /* the OS side's own, like the next: an address, a port, an object */
    void *os;
};

/* Maps BAR `index` (0..5) uncached. 0, VIO_EDEVICE if there is none of that index, VIO_ENOMEM if it cannot be
 * mapped. */
int hal_bar_map(struct hal_dev *dev, unsigned index, struct hal_bar *bar);
/* Unmaps and zeroes *bar; nothing happens if it is not mapped. Copies of it are dead from here on. */
void hal_bar_unmap(struct hal_dev *dev, struct hal_bar *bar);

/*
 * One access of `width` (1, 2 or 4) bytes at `offset`, exactly that wide, in program order with other
 * accesses to devices and after all earlier stores to memory. Core guarantees offset + width <= bar->size and
 * natural alignment. Any context, interrupts included.
 */
uint32_t hal_read(const struct hal_bar *bar, uint32_t offset, unsigned width);
void hal_write(const struct hal_bar *bar, uint32_t offset, unsigned width, uint32_t value);

/* Waits at least `us` microseconds (up to 10000); may sleep from 1000 on, below it is a busy wait. */
void hal_delay(unsigned us);
/* A monotonic clock in microseconds. */
uint64_t hal_time(void);

enum hal_level {
    HAL_ERROR, /* the device cannot be used, or stopped working */
    HAL_INFO,  /* one line a change of state */
    HAL_DEBUG, /* shown on request only */
};
/* Writes one line (no newline in `format`); the OS side adds the device's name. printf's %s %d %u %x %llx
 * %llu. */
void hal_log(struct hal_dev *dev, enum hal_level level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

VIO_END
#endif
