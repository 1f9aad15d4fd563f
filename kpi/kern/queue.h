// SPDX-License-Identifier: BSD-3-Clause
/*
 * Doubly linked lists whose head and links have one shape (an empty head points at itself). Answers to Apple's
 * kern/queue.h. An object is linked by a queue_chain_t member: in the queue_enter family the links point at the
 * objects, not at their members, as IOCommandPool expects.
 */
#ifndef KPI_KERN_QUEUE_H
#define KPI_KERN_QUEUE_H

struct queue_entry {
    struct queue_entry *next;
    struct queue_entry *prev;
};

typedef struct queue_entry *queue_t;
typedef struct queue_entry *queue_entry_t;
typedef struct queue_entry queue_head_t;
typedef struct queue_entry queue_chain_t;

#define queue_init(q) ((q)->next = (q)->prev = (q))
#define queue_first(q) ((q)->next)
#define queue_last(q) ((q)->prev)
#define queue_next(qc) ((qc)->next)
#define queue_prev(qc) ((qc)->prev)
#define queue_end(q, qe) ((q) == (qe))
#define queue_empty(q) queue_end((q), queue_first(q))

/* The link after (or before) `elt` is the head's when the neighbour is the head, else the neighbour's member. */
#define queue_link_of_(head, elt, type, field) ((elt) == (head) ? (head) : &((type)(void *)(elt))->field)

#define queue_enter(head, elt, type, field)                                                                  \
    do {                                                                                                     \
        queue_entry_t last_ = (head)->prev;                                                                  \
        (elt)->field.prev = last_;                                                                           \
        (elt)->field.next = (head);                                                                          \
        queue_link_of_(head, last_, type, field)->next = (queue_entry_t)(elt);                               \
        (head)->prev = (queue_entry_t)(elt);                                                                 \
    } while (0)

#define queue_enter_first(head, elt, type, field)                                                            \
    do {                                                                                                     \
        queue_entry_t first_ = (head)->next;                                                                 \
        (elt)->field.next = first_;                                                                          \
        (elt)->field.prev = (head);                                                                          \
        queue_link_of_(head, first_, type, field)->prev = (queue_entry_t)(elt);                              \
        (head)->next = (queue_entry_t)(elt);                                                                 \
    } while (0)

#define queue_remove(head, elt, type, field)                                                                 \
    do {                                                                                                     \
        queue_entry_t next_ = (elt)->field.next, prev_ = (elt)->field.prev;                                  \
        queue_link_of_(head, next_, type, field)->prev = prev_;                                              \
        queue_link_of_(head, prev_, type, field)->next = next_;                                              \
        (elt)->field.next = (elt)->field.prev = 0;                                                           \
    } while (0)

#define queue_remove_first(head, entry, type, field)                                                         \
    do {                                                                                                     \
        (entry) = (type)(void *)(head)->next;                                                                \
        queue_remove(head, entry, type, field);                                                              \
    } while (0)

#define queue_iterate(head, elt, type, field)                                                                \
    for ((elt) = (type)(void *)queue_first(head); !queue_end((head), (queue_entry_t)(elt));                  \
         (elt) = (type)(void *)queue_next(&(elt)->field))

#endif
