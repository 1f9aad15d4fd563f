// SPDX-License-Identifier: BSD-3-Clause
/*
 * QEMU's devices, lent to the kernel side: the process, its PCI functions, register access, interrupts and
 * the monitor. Seen from both sides of the boundary, so only builtin types. How it works: registers over
 * QEMU's qtest protocol, interrupts and doorbells over ivshmem's eventfds, the monitor over QMP, RAM shared
 * (host/linux/linux.h). Widths are 1, 2, 4 or 8 bytes; values are little-endian numbers as the CPU would see
 * them. Registers of something that is not there read as all ones, and writes to it vanish, as on a PC.
 */
#ifndef HOST_QEMU_H
#define HOST_QEMU_H
#ifdef __cplusplus
extern "C" {
#endif

/* ---- the process ---- */
struct qemu_config {
    const char *machine;        /* "q35" or "pc" */
    const char *const *devices; /* -device arguments, the functions that need a driver */
    int ndevices;
    const char *const *netdevs; /* -netdev arguments */
    int nnetdevs;
    const char *const *args; /* further arguments, as they are */
    int nargs;
};
/* Starts QEMU with lx_ram as its memory, assigns PCI resources, starts the interrupt thread. Call once, from
 * the main thread (QEMU dies with it), after lx_ram_init. Failure ends in lx_fatal with one line that says
 * why. */
void qemu_start(const struct qemu_config *c);
/* Ends QEMU and waits for it. Sources must be disabled. Harmless when not started; also done at exit. */
void qemu_stop(void);
/* fn is called once, on any thread, when QEMU ends without qemu_stop; if it returns, or there is none:
 * lx_fatal. */
void qemu_on_death(void (*fn)(const char *why));
int qemu_pid(void);             /* 0: none */
const char *qemu_version(void); /* "7.2.22" */

/* ---- PCI functions ---- */
enum qemu_bar_kind { QEMU_BAR_NONE, QEMU_BAR_IO, QEMU_BAR_MEMORY };
struct qemu_bar {
    int kind;
    int is64, prefetchable;
    unsigned long long base; /* port number or physical address */
    unsigned long long size;
    void *window; /* memory: virtual address of the trapped window (see qemu_window) */
};
/* One function. Read-only for others; never freed (an unplugged one has present = 0 and leaves the list). */
struct qemu_pci {
    struct qemu_pci *next;   /* by bus, device, function */
    struct qemu_pci *bridge; /* the bridge it stands behind; 0 on bus 0 */
    unsigned bdf;            /* bus << 8 | device << 3 | function */
    unsigned short vendor, device, subvendor, subdevice;
    unsigned class_code; /* 24 bits */
    unsigned char revision;
    unsigned char header;     /* type without the multifunction bit: 0, or 1 for a bridge */
    unsigned char secondary;  /* bridges: the bus behind */
    unsigned char pin;        /* 0 none, 1..4 INTA..INTD */
    int line;                 /* system interrupt (ioapic pin) of INTx, -1 none */
    int msix_cap, msix_count; /* capability's offset and table entries; 0 without */
    int requested;            /* 1 + index in qemu_config.devices; 0: the machine's own; -1: plugged later */
    volatile int present;
    char id[64];            /* QEMU's device id, "" without */
    struct qemu_bar bar[6]; /* a 64-bit one leaves the next entry empty */
};
struct qemu_pci *qemu_pci_first(void); /* the host's own ivshmem device is not listed */
struct qemu_pci *qemu_pci_find(unsigned bdf);
/* Configuration space. Offsets above 255 reach the extended space where the machine has it (q35). Any
 * context. */
unsigned qemu_config_read(unsigned bdf, unsigned offset, int width);
void qemu_config_write(unsigned bdf, unsigned offset, int width, unsigned value);

/* ---- registers: any context but the trap handler of another access ---- */
unsigned qemu_io_read(unsigned port, int width);
/* Of a legacy virtio device's interrupt status with both bits, show that of the configuration alone: QEMU
 * raises both for a change of it (virtio_notify_config in virtio.c), VirtualBox the one
 * (vpciRaiseInterrupt in Virtio.cpp). */
void qemu_isr_apart(int on);
void qemu_io_write(unsigned port, int width, unsigned value); /* a virtio notify port becomes a doorbell */
unsigned long long qemu_mmio_read(unsigned long long phys, int width);
void qemu_mmio_write(unsigned long long phys, int width, unsigned long long value); /* likewise */
/* The virtual address that stands for [phys, phys + size) inside one memory BAR: loads and stores there trap
 * and become qemu_mmio_*. 0 when the range is not in a BAR. The windows exist as long as the process. */
void *qemu_window(unsigned long long phys, unsigned long long size);
/* The reverse: physical address, ~0 when va is in no window. */
unsigned long long qemu_window_phys(const void *va);

/* ---- interrupts ----
 * A source is an INTx line (shared by the functions on it) or one MSI-X vector. Handlers run on the one
 * interrupt thread ("primary interrupt context"): they must not block. A source starts masked. A line that
 * stays asserted while unmasked is delivered again; a message that comes while masked is delivered once on
 * unmasking. */
int qemu_irq_line(const struct qemu_pci *f); /* source of its INTx, -1 when it has none */
/* Aims the MSI-X table entries [entry, entry + count) at one vector of ours and unmasks them. The enable bit
 * in the capability is the caller's. -1: no such entries, or no vector left. The driver never sees the real
 * table: reads and writes of the table go to a shadow, of which only the mask bits of aimed entries reach the
 * device. */
int qemu_irq_msix(struct qemu_pci *f, int entry, int count);
/* The same for plain MSI: writes address and data of the capability (offset 0: it has none); a message of
 * one's own. */
int qemu_irq_msi(struct qemu_pci *f);
void qemu_irq_message_free(int source); /* masks the entries, gives the vector back */
/* handler 0 unregisters. Returns when no call of the old handler is running (unless called from it). */
void qemu_irq_register(int source, void (*handler)(void *arg, int source), void *arg);
void qemu_irq_enable(int source);
void qemu_irq_disable(int source); /* does not wait for a running handler */
int qemu_irq_running(int source);  /* its handler is being called now */
int qemu_in_interrupt(void);       /* the caller is inside a handler */

/* A fault, for tests: while on, no virtio device hears its doorbells. */
void qemu_lose_doorbells(int on);
/* Another: while on, none takes an MSI-X vector. */
void qemu_refuse_vectors(int on);
/* Virtio devices have no interrupt pin. Before qemu_start. */
void qemu_hide_pins(int on);

/* While held no handler is called; what comes is kept. */
void qemu_irq_hold(int on);

/* ---- monitor: 0, or -1 and qemu_error() says why (text of this thread's last failure). May block. ---- */
const char *qemu_error(void);
int qemu_set_link(const char *id, int up); /* a NIC's or a netdev's id */
int qemu_powerdown(void);
void qemu_on_powerdown(void (*fn)(void)); /* called on the monitor's thread: must not block */
/* A device as -device spells it; its functions enter the list. 0 on failure. netdev_add likewise. */
struct qemu_pci *qemu_plug(const char *device);
int qemu_netdev_add(const char *netdev);
int qemu_removable(const struct qemu_pci *f); /* can its slot let it go? If not, qemu_error() says so. */
/* Takes the device of that id out and waits for it to be gone. Whether its driver was stopped before
 * (orderly) or not (surprise removal) is the caller's affair. */
int qemu_unplug(const char *id);
/* Any QMP command (JSON object text); the reply's "return" as JSON text in reply. */
int qemu_monitor(const char *command, char *reply, unsigned long size);

/* ---- traps ----
 * Faults outside the windows end the run with one report. fn writes "name + 0x12 (in bundle)" for a code
 * address and returns 1, or returns 0. */
/* `fetch` is asked about each fault at an instruction in the RAM, with the handler's ucontext_t: 1: go on with that. `crash` is told
 * of what would end the run, before the report. `stands`: whether the calling thread must leave devices alone for now; `park` waits
 * as long. */
void qemu_trap_debugger(int (*fetch)(void *context), int (*crash)(int sig, void *context), int (*stands)(void),
                        void (*park)(void));
int qemu_trap_accesses(void); /* threads that carry out a register access now */
void qemu_trap_symboliser(int (*fn)(unsigned long address, char *text, unsigned long size));

#ifdef __cplusplus
}
#endif
#endif
