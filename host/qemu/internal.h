// SPDX-License-Identifier: BSD-3-Clause
/*
 * What the files of host/qemu/ share with one another and nobody else. Layers, lowest first: process, qtest
 * and qmp (one socket each), ivshmem and irq, pci (configuration, resources), doorbell and register (routing
 * of accesses), trap and decode (loads and stores that fault), monitor (plug, unplug, link).
 */
#ifndef HOST_QEMU_INTERNAL_H
#define HOST_QEMU_INTERNAL_H
#include <stddef.h>
#include <stdint.h>
#include "host/linux/cpu.h"
#include "host/linux/linux.h"
#include "qemu.h"

enum {
    QEMU_LINES = 24,           /* inputs of the ioapic */
    QEMU_VECTORS = 64,         /* ivshmem vectors: as many interrupts, as many doorbells */
    IVSHMEM_DEVFN = 0x1e << 3, /* its place on bus 0 */
    HOTPLUG_DEVFN = 0x1d << 3, /* q35: the root port that stays free for hot-plug */
};

/* ---- process.c ---- */
struct process_fds { /* ends that QEMU inherits; closed here after the start */
    int qtest, qmp, ivshmem;
};
void process_start(const struct qemu_config *c, const struct process_fds *fds);
/* QEMU's last words, taken from its stderr (waits a moment for them); "" when it said nothing. */
const char *process_last_words(void);
/* A socket to QEMU broke or the process ended: reports it and does not return, unless qemu_stop runs. */
void process_lost(const char *what);
int process_stopping(void);
int process_stderr_fd(void);
int process_pidfd(void);
void process_read_stderr(void); /* lines become "kexthost: qemu: ..." */
/* The text that stands between a device string's start and its first comma. */
size_t device_name_length(const char *device);
/* Value of `key=` in a -device or -netdev string, or NULL; copied into out. */
char *device_option(const char *device, const char *key, char *out, size_t size);

/* ---- qtest.c ---- */
void qtest_init(int fd);
/* Sends one command (with its newline) and waits for the reply's number. ~0 once QEMU is being stopped. */
uint64_t qtest_call(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Sends one command and does not wait; at most a few hundred are under way. */
void qtest_post(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Returns when every posted command has been carried out. */
void qtest_flush(void);
/* The interrupt thread's part: the epoll instance in which the socket waits, and the reading when it is
 * ready. */
void qtest_attach(int epoll_fd, void *tag);
void qtest_poll(void);

/* ---- qmp.c ---- */
struct json_t;
void qmp_init(int fd);
/* Runs a command; arguments (stolen) may be NULL. The reply's "return" (new reference), NULL with qemu_error
 * set. */
struct json_t *qmp_call(const char *command, struct json_t *arguments);
/* Waits for an event whose data has key = value (key NULL: any) that came after mark. 0, or -1 after ms. */
unsigned long qmp_mark(void);
int qmp_wait_event(unsigned long mark, const char *event, const char *key, const char *value, int ms);
void qemu_set_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* ---- ivshmem.c ---- */
void ivshmem_serve(int fd);     /* hands QEMU the eventfds; before qtest is used */
void ivshmem_wait_served(void); /* until QEMU has taken them all */
void ivshmem_enable(const struct qemu_pci *f);
int ivshmem_irq_fd(int vector); /* becomes readable when a device's message for that vector arrives */
uint64_t ivshmem_message_address(void);
/* Aims doorbell n at a store of value to phys, then ivshmem_ring does that store. */
void ivshmem_aim(int n, uint64_t phys, uint32_t value);
void ivshmem_ring(int n);

/* ---- irq.c ---- */
void irq_init(void);
void irq_line_changed(int line, int level); /* from the reader of qtest's socket, any thread */
int irq_on_thread(void);
void irq_free_function(struct qemu_pci *f); /* its MSI-X sources are dead */
int irq_entry_aimed(const struct qemu_pci *f, int entry);

/* ---- pci.c, assign.c ---- */
void pci_init(int is_q35);
void pci_scan(void); /* (re)enumerates; new functions get resources and join the list */
void pci_forget(struct qemu_pci *f);
struct qemu_pci *pci_find_id(const char *id);
struct qemu_pci *pci_ivshmem(void);
uint32_t pci_read(unsigned bdf, unsigned offset, int width); /* uncounted */
void pci_write(unsigned bdf, unsigned offset, int width, uint32_t value);
/* The first capability id at or after the list pointer at `from` (0: the list's head); its offset or 0. */
unsigned pci_capability(unsigned bdf, unsigned id, unsigned from);
/* Private part of a function. */
struct pci_private {
    struct qemu_pci pub;
    uint16_t command;     /* as last written */
    uint64_t common_base; /* modern common configuration; 0 without */
    uint64_t notify_base; /* modern notify area; 0 without */
    uint32_t notify_length, notify_multiplier;
    uint32_t legacy_notify; /* I/O port of a legacy queue notify register, 0 without */
    uint64_t table_base;    /* MSI-X table */
    uint8_t *table_shadow;  /* what the driver sees of it; msix_count * 16 bytes */
};
static inline struct pci_private *pci_private(struct qemu_pci *f)
{
    return (struct pci_private *)f;
}
void assign_init(void);
void assign_function(struct qemu_pci *f);      /* sizes and places its BARs */
void assign_release(const struct qemu_pci *f); /* after it was unplugged */
void assign_bridge_begin(struct qemu_pci *bridge);
void assign_bridge_end(struct qemu_pci *bridge);

/* ---- doorbell.c ---- */
void doorbell_learn(struct qemu_pci *f); /* reads the virtio capabilities */
void doorbell_forget(struct qemu_pci *f);
int doorbell_store(uint64_t phys, int width,
                   uint32_t value); /* 1 when it was a notify register and is done */
int doorbell_port(unsigned port, int width, uint32_t value);

/* ---- vector.c ---- */
/* What a driver's store does to a virtio device's vector register: the value, or that of no vector while vectors are refused. Other
 * registers: the value. */
uint32_t vector_port(unsigned port, int width, uint32_t value);
uint64_t vector_store(const struct pci_private *p, uint64_t phys, int width, uint64_t value);

/* ---- register.c ---- */
uint64_t register_read(uint64_t phys, int width); /* uncounted, straight to the device */
void register_write(uint64_t phys, int width, uint64_t value);
void register_open_window(struct qemu_bar *b);
struct qemu_pci *register_owner(uint64_t phys, uint64_t size, int *bar);

/* ---- trap.c, decode.c, alu.c ---- */
enum alu {
    NO_ALU,
    ADD,
    SUB,
    ADC,
    SBB,
    AND,
    OR,
    XOR,
    CMP,
    TEST,
    INC,
    DEC,
    NOT,
    NEG,
    SHL,
    SHR,
    SAR,
    IMUL,
    BT,
    BTS,
    BTR,
    BTC
};
/* a OP b at the width, the flags changed as by the instruction. */
uint64_t alu_compute(enum alu alu, uint64_t a, uint64_t b, int width, greg_t *flags);
int alu_condition(unsigned code, greg_t flags);
void trap_init(void);
/* Does what the instruction at the context's address asks, with the register at phys; 0: it cannot. */
int decode_emulate(void *ucontext, uint64_t phys);
int decode_port(void *ucontext); /* in and out instructions */

#endif
