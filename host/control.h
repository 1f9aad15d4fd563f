// SPDX-License-Identifier: BSD-3-Clause
/*
 * The control socket: a line is a command, the answer is lines and then "ok" or "error: why". host/kextctl.c speaks it.
 */
#ifndef HOST_CONTROL_H
#define HOST_CONTROL_H

/* Starts the server; the path is for COMMAND's environment (KEXTCTL_SOCKET) and is removed at exit. */
const char *control_start(void);
/* No command is running any more when it returns. */
void control_stop(void);
#endif
