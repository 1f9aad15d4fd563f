// SPDX-License-Identifier: BSD-3-Clause
/*
 * The kernel debugger as the rest of the host sees it: XNU's osfmk/kdp with its own names where XNU has one. Seen from both sides
 * of the boundary: only builtin types. It works when the boot-args have debug=, and a network driver has registered its polled
 * functions (IOKernelDebugger).
 *
 * Entering it freezes the machine: kext code stops at whatever instruction it is at; a thread that is inside the host runs on until
 * it would go back into a kext, and stops there. Then the thread that entered serves KDP requests, over the driver's polled
 * functions, until it is told to go on.
 */
#ifndef HOST_KDP_H
#define HOST_KDP_H
#ifdef __cplusplus
extern "C" {
#endif

/* The bits of the boot-arg debug that matter here (osfmk/kern/debug.h). */
enum { KDP_DB_HALT = 0x1, KDP_DB_NMI = 0x4, KDP_DB_ARP = 0x40 };

/* kdp_register_send_receive and kdp_unregister_send_receive of osfmk/kdp/kdp_en_debugger.h. */
void host_kdp_register(void (*send)(void *packet, unsigned length),
                               void (*receive)(void *packet, unsigned *length, unsigned timeout_ms));
void host_kdp_unregister(void);
/* kdp_register_link: whether the link is up, asked before each packet; and where to tell that the debugger comes and goes. Before
 * host_kdp_register(), until host_kdp_unregister(). */
void host_kdp_register_link(unsigned (*up)(void), void (*mode)(unsigned active));
/* kdp_set_ip_and_mac_addresses: the debugger's own, for ARP. */
void host_kdp_address(const unsigned char *ip, const unsigned char *mac);
/* Called with each ARP frame that the system itself sends: how XNU, too, learns the debugger's addresses. */
void host_kdp_learn(const unsigned char *frame, unsigned length);

/* After the kernel's start: catches breakpoints, starts the thread that enters on request. */
void kdp_init(unsigned debug);
/* Whether somebody could reach the debugger now. */
int kdp_ready(void);
/* Whether the machine stands still, and whether a debugger has it. */
int kdp_frozen(void);
int kdp_connected(void);
/* Enters on a thread of its own, soon; 0, or -1: kdp_ready() is false. */
int kdp_request(const char *reason);
/* The power button as a non-maskable interrupt: 1 if the boot-args want that and kdp_ready(). */
int kdp_nmi(void);
/* Enters, on the calling thread: returns when told to continue. 0, or -1: kdp_ready() is false. */
int kdp_enter(const char *reason, int panicked);
/* The same from a fault handler, with the state that it got (ucontext_t). */
int kdp_enter_fault(int exception, void *context);

#ifdef __cplusplus
}
#endif
#endif
