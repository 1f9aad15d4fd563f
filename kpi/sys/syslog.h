// SPDX-License-Identifier: BSD-3-Clause
/*
 * The system log's priorities. Answers to Apple's sys/syslog.h.
 */
#ifndef KPI_SYS_SYSLOG_H
#define KPI_SYS_SYSLOG_H

#include <sys/cdefs.h>
#include <stdarg.h>

#define LOG_EMERG   0
#define LOG_ALERT   1
#define LOG_CRIT    2
#define LOG_ERR     3
#define LOG_WARNING 4
#define LOG_NOTICE  5
#define LOG_INFO    6
#define LOG_DEBUG   7
#define LOG_PRIMASK 7
#define LOG_KERN   0
#define LOG_USER   8
#define LOG_DAEMON 24

__BEGIN_DECLS
void log(int level, const char *format, ...) __printflike(2, 3);
__END_DECLS

#endif
