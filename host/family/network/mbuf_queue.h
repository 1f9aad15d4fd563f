// SPDX-License-Identifier: BSD-3-Clause
/*
 * A bounded FIFO of packets linked by mbuf_nextpkt: what IOPacketQueue and the output queues keep behind their opaque
 * IOMbufQueue pointer. Not locked; a chain handed in at once counts packet by packet.
 */
#ifndef HOST_NETWORK_MBUF_QUEUE_H
#define HOST_NETWORK_MBUF_QUEUE_H
#include <IOKit/IOTypes.h>
#include <sys/kpi_mbuf.h>

struct IOMbufQueue {
    mbuf_t head, tail;
    UInt32 size, capacity;

    void init(UInt32 limit)
    {
        head = tail = 0;
        size = 0;
        capacity = limit;
    }
    static mbuf_t last(mbuf_t m, UInt32 *count)
    {
        for (*count = 1; mbuf_nextpkt(m); m = mbuf_nextpkt(m))
            ++*count;
        return m;
    }
    bool put(mbuf_t m) /* false: full, m still the caller's */
    {
        UInt32 n;
        if (size >= capacity)
            return false;
        if (tail)
            mbuf_setnextpkt(tail, m);
        else
            head = m;
        tail = last(m, &n);
        size += n;
        return true;
    }
    void putBack(mbuf_t m) /* at the head, capacity or not */
    {
        UInt32 n;
        mbuf_t end = last(m, &n);
        mbuf_setnextpkt(end, head);
        if (!tail)
            tail = end;
        head = m;
        size += n;
    }
    mbuf_t get()
    {
        mbuf_t m = head;
        if (!m)
            return 0;
        head = mbuf_nextpkt(m);
        if (!head)
            tail = 0;
        mbuf_setnextpkt(m, 0);
        size--;
        return m;
    }
    mbuf_t getAll()
    {
        mbuf_t m = head;
        head = tail = 0;
        size = 0;
        return m;
    }
    void append(IOMbufQueue *from) /* everything, capacity or not */
    {
        if (!from->size)
            return;
        if (tail)
            mbuf_setnextpkt(tail, from->head);
        else
            head = from->head;
        tail = from->tail;
        size += from->size;
        from->getAll();
    }
    void prepend(IOMbufQueue *from)
    {
        from->append(this);
        *this = (IOMbufQueue){from->head, from->tail, from->size, capacity};
        from->getAll();
    }
};
#endif
