// SPDX-License-Identifier: BSD-3-Clause
/*
 * Linked lists, singly and doubly linked, and tail queues: the names of BSD's queue(3) that drivers use.
 */
#ifndef KPI_SYS_QUEUE_H
#define KPI_SYS_QUEUE_H

#include <sys/cdefs.h>

/* Singly linked list. */
#define SLIST_HEAD(name, type) struct name { struct type *slh_first; }
#define SLIST_HEAD_INITIALIZER(head) { 0 }
#define SLIST_ENTRY(type) struct { struct type *sle_next; }
#define SLIST_FIRST(head) ((head)->slh_first)
#define SLIST_EMPTY(head) ((head)->slh_first == 0)
#define SLIST_NEXT(elm, field) ((elm)->field.sle_next)
#define SLIST_INIT(head) ((head)->slh_first = 0)
#define SLIST_FOREACH(var, head, field) for ((var) = SLIST_FIRST(head); (var); (var) = SLIST_NEXT(var, field))
#define SLIST_INSERT_HEAD(head, elm, field)                                                                            \
    do {                                                                                                               \
        SLIST_NEXT(elm, field) = SLIST_FIRST(head);                                                                    \
        SLIST_FIRST(head) = (elm);                                                                                     \
    } while (0)
#define SLIST_INSERT_AFTER(after, elm, field)                                                                          \
    do {                                                                                                               \
        SLIST_NEXT(elm, field) = SLIST_NEXT(after, field);                                                             \
        SLIST_NEXT(after, field) = (elm);                                                                              \
    } while (0)
#define SLIST_REMOVE_HEAD(head, field) (SLIST_FIRST(head) = SLIST_NEXT(SLIST_FIRST(head), field))
#define SLIST_REMOVE(head, elm, type, field)                                                                           \
    do {                                                                                                               \
        struct type **link_ = &SLIST_FIRST(head);                                                                      \
        while (*link_ != (elm))                                                                                        \
            link_ = &SLIST_NEXT(*link_, field);                                                                        \
        *link_ = SLIST_NEXT(elm, field);                                                                               \
    } while (0)

/* Doubly linked list. */
#define LIST_HEAD(name, type) struct name { struct type *lh_first; }
#define LIST_HEAD_INITIALIZER(head) { 0 }
#define LIST_ENTRY(type) struct { struct type *le_next; struct type **le_prev; }
#define LIST_FIRST(head) ((head)->lh_first)
#define LIST_EMPTY(head) ((head)->lh_first == 0)
#define LIST_NEXT(elm, field) ((elm)->field.le_next)
#define LIST_INIT(head) ((head)->lh_first = 0)
#define LIST_FOREACH(var, head, field) for ((var) = LIST_FIRST(head); (var); (var) = LIST_NEXT(var, field))
#define LIST_INSERT_HEAD(head, elm, field)                                                                             \
    do {                                                                                                               \
        if ((LIST_NEXT(elm, field) = LIST_FIRST(head)) != 0)                                                           \
            LIST_FIRST(head)->field.le_prev = &LIST_NEXT(elm, field);                                                  \
        LIST_FIRST(head) = (elm);                                                                                      \
        (elm)->field.le_prev = &LIST_FIRST(head);                                                                      \
    } while (0)
#define LIST_REMOVE(elm, field)                                                                                        \
    do {                                                                                                               \
        if (LIST_NEXT(elm, field) != 0)                                                                                \
            LIST_NEXT(elm, field)->field.le_prev = (elm)->field.le_prev;                                               \
        *(elm)->field.le_prev = LIST_NEXT(elm, field);                                                                 \
    } while (0)

/* Tail queue. */
#define TAILQ_HEAD(name, type) struct name { struct type *tqh_first; struct type **tqh_last; }
#define TAILQ_HEAD_INITIALIZER(head) { 0, &(head).tqh_first }
#define TAILQ_ENTRY(type) struct { struct type *tqe_next; struct type **tqe_prev; }
#define TAILQ_FIRST(head) ((head)->tqh_first)
#define TAILQ_EMPTY(head) ((head)->tqh_first == 0)
#define TAILQ_NEXT(elm, field) ((elm)->field.tqe_next)
#define TAILQ_INIT(head)                                                                                               \
    do {                                                                                                               \
        TAILQ_FIRST(head) = 0;                                                                                         \
        (head)->tqh_last = &TAILQ_FIRST(head);                                                                         \
    } while (0)
#define TAILQ_FOREACH(var, head, field) for ((var) = TAILQ_FIRST(head); (var); (var) = TAILQ_NEXT(var, field))
#define TAILQ_INSERT_TAIL(head, elm, field)                                                                            \
    do {                                                                                                               \
        TAILQ_NEXT(elm, field) = 0;                                                                                    \
        (elm)->field.tqe_prev = (head)->tqh_last;                                                                      \
        *(head)->tqh_last = (elm);                                                                                     \
        (head)->tqh_last = &TAILQ_NEXT(elm, field);                                                                    \
    } while (0)
#define TAILQ_INSERT_HEAD(head, elm, field)                                                                            \
    do {                                                                                                               \
        if ((TAILQ_NEXT(elm, field) = TAILQ_FIRST(head)) != 0)                                                         \
            TAILQ_FIRST(head)->field.tqe_prev = &TAILQ_NEXT(elm, field);                                               \
        else                                                                                                           \
            (head)->tqh_last = &TAILQ_NEXT(elm, field);                                                                \
        TAILQ_FIRST(head) = (elm);                                                                                     \
        (elm)->field.tqe_prev = &TAILQ_FIRST(head);                                                                    \
    } while (0)
#define TAILQ_REMOVE(head, elm, field)                                                                                 \
    do {                                                                                                               \
        if (TAILQ_NEXT(elm, field) != 0)                                                                               \
            TAILQ_NEXT(elm, field)->field.tqe_prev = (elm)->field.tqe_prev;                                            \
        else                                                                                                           \
            (head)->tqh_last = (elm)->field.tqe_prev;                                                                  \
        *(elm)->field.tqe_prev = TAILQ_NEXT(elm, field);                                                               \
    } while (0)

#endif
