// SPDX-License-Identifier: BSD-3-Clause
/*
 * Who tells kexthost to end, and whether it still can: a thread that runs no kext code, so that nothing of the machine's stops it.
 */
#ifndef HOST_SIGNALS_H
#define HOST_SIGNALS_H

enum signals_phase { SIGNALS_START, SIGNALS_COMMAND, SIGNALS_END };

/* Blocks the signals, in the first thread. */
void signals_open(void);
/* Starts to look at them. */
void signals_watch(void);
/* At first they wait for COMMAND; then they are passed to it; at the end they end kexthost, which would do it itself soon. */
void signals_phase(enum signals_phase phase);
/* How many came for COMMAND. */
int signals_told(void);

#endif
