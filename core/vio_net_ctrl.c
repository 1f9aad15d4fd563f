// SPDX-License-Identifier: BSD-3-Clause
/*
 * What the network device does on command (5.1.9.5): filters, its address, VLANs, large receive,
 * announcements. A filter is set before the modes that rely on it are narrowed, so a frame that is wanted
 * never finds the door shut in between.
 */
#include "vio_net.h"

static bool has(const struct vio_net *n, unsigned bit)
{
    return n->features >> bit & 1;
}

/* Sends one command. After a time-out there is no other in this life of the device. */
static int command(struct vio_net *n, uint8_t klass, uint8_t cmd, const void *data, uint32_t len)
{
    struct vio_ctrl_part part = {data, len};

    return vio_ctrl_command(&n->ctrl, klass, cmd, &part, len != 0);
}

static int set_mode(struct vio_net *n, uint8_t mode, bool on)
{
    uint8_t value = on;

    return command(n, VIRTIO_NET_CTRL_RX, mode, &value, sizeof value);
}

static bool address_moved(const struct vio_net *n)
{
    uint8_t differ = !n->mac_valid;

    for (unsigned i = 0; i < sizeof n->mac; i++)
        differ |= n->mac[i] ^ n->mac_device[i];
    return differ != 0;
}

/* 5.1.9.5.2: two tables, unicast and group addresses; each a count and that many addresses. */
static int set_tables(struct vio_net *n, bool unicast)
{
    struct table {
        uint32_t entries;
        uint8_t address[VIO_NET_GROUPS][6];
    } one = {.entries = unicast}, many = {.entries = n->filter.all_groups ? 0 : n->filter.groups};
    struct vio_ctrl_part part[2] = {{&one, 4 + 6 * one.entries}, {&many, 4 + 6 * many.entries}};

    __builtin_memcpy(one.address[0], n->mac, sizeof n->mac);
    __builtin_memcpy(many.address, n->filter.group, 6 * many.entries);
    return vio_ctrl_command(&n->ctrl, VIRTIO_NET_CTRL_MAC, VIRTIO_NET_CTRL_MAC_TABLE_SET, part, 2);
}

/* The interface's address becomes the device's own, or one that it receives besides its own. True: the
 * latter, by the table of unicast addresses. */
static bool set_address(struct vio_net *n, int *error)
{
    *error = 0;
    if (has(n, VIRTIO_NET_F_CTRL_MAC_ADDR)) {
        *error = command(n, VIRTIO_NET_CTRL_MAC, VIRTIO_NET_CTRL_MAC_ADDR_SET, n->mac, sizeof n->mac);
        return *error != 0;
    }
    return address_moved(n);
}

/* Refusals widen the filter step by step: no table, all groups; not even that, everything. `all`: that is wanted, or a VLAN
 * was refused. */
static int set_filters(struct vio_net *n, bool unicast, bool all)
{
    const struct vio_net_filter *f = &n->filter;
    bool groups = f->all_groups;
    int error = set_tables(n, unicast);

    if (error == VIO_EINVAL) {
        groups = true;
        all |= unicast;
    }
    if (set_mode(n, VIRTIO_NET_CTRL_RX_ALLMULTI, groups) == VIO_EINVAL)
        all |= groups;
    if (has(n, VIRTIO_NET_F_CTRL_RX_EXTRA))
        (void)set_mode(n, VIRTIO_NET_CTRL_RX_NOMULTI, f->no_groups && !f->groups && !groups);
    return set_mode(n, VIRTIO_NET_CTRL_RX_PROMISC, all); /* VIO_EBROKEN after a time-out of one above */
}

/* A device with CTRL_VLAN starts out with none (5.1.9.5.3); a start precedes each change of the list. */
static int set_vlans(struct vio_net *n)
{
    int error = 0;

    for (unsigned i = 0; i < n->filter.vlans && !error; i++)
        error = command(n, VIRTIO_NET_CTRL_VLAN, VIRTIO_NET_CTRL_VLAN_ADD, &n->filter.vlan[i], 2);
    return error;
}

static bool can_command(const struct vio_net *n, unsigned feature)
{
    return n->running && has(n, feature);
}

int vio_net_apply(struct vio_net *n)
{
    bool unicast = false, all = n->filter.promiscuous;
    int error = 0;

    if (can_command(n, VIRTIO_NET_F_CTRL_MAC_ADDR) || can_command(n, VIRTIO_NET_F_CTRL_RX))
        unicast = set_address(n, &error);
    if (can_command(n, VIRTIO_NET_F_CTRL_VLAN)) {
        int refused = set_vlans(n);
        all |= refused != 0;
        error = refused ? refused : error;
    }
    if (can_command(n, VIRTIO_NET_F_CTRL_RX))
        error = set_filters(n, unicast, all);
    return error;
}

int vio_net_large_receive(struct vio_net *n, bool on)
{
    uint64_t large =
        VIO_BIT(VIRTIO_NET_F_GUEST_TSO4) | VIO_BIT(VIRTIO_NET_F_GUEST_TSO6) | VIO_BIT(VIRTIO_NET_F_GUEST_ECN);
    uint64_t offloads = n->features & (large | VIO_BIT(VIRTIO_NET_F_GUEST_CSUM));

    if (!can_command(n, VIRTIO_NET_F_CTRL_GUEST_OFFLOADS) || !(n->features & large))
        return VIO_EINVAL;
    if (!on)
        offloads &= ~large;
    return command(n, VIRTIO_NET_CTRL_GUEST_OFFLOADS, VIRTIO_NET_CTRL_GUEST_OFFLOADS_SET, &offloads,
                   sizeof offloads);
}

static bool same(struct virtio_net_ctrl_coal a, struct virtio_net_ctrl_coal b)
{
    return a.max_packets == b.max_packets && a.max_usecs == b.max_usecs;
}

/* One direction's values. VQ_SET may be refused where the older command is not. */
static int moderate(struct vio_net *n, uint16_t queue, uint8_t direction, struct virtio_net_ctrl_coal want,
                    struct virtio_net_ctrl_coal *now)
{
    struct virtio_net_ctrl_coal_vq one = {.vq_index = queue, .coal = want};
    int error = VIO_EINVAL;

    if (same(want, *now))
        return 0;
    if (can_command(n, VIRTIO_NET_F_VQ_NOTF_COAL))
        error = command(n, VIRTIO_NET_CTRL_NOTF_COAL, VIRTIO_NET_CTRL_NOTF_COAL_VQ_SET, &one, sizeof one);
    if (error == VIO_EINVAL && can_command(n, VIRTIO_NET_F_NOTF_COAL))
        error = command(n, VIRTIO_NET_CTRL_NOTF_COAL, direction, &want, sizeof want);
    if (!error)
        *now = want;
    return error;
}

int vio_net_moderate(struct vio_net *n, struct virtio_net_ctrl_coal rx, struct virtio_net_ctrl_coal tx)
{
    int error;

    if (n->moderation_refused)
        return VIO_EINVAL;
    error = moderate(n, n->rx.index, VIRTIO_NET_CTRL_NOTF_COAL_RX_SET, rx, &n->moderation_rx);
    if (!error)
        error = moderate(n, n->tx.index, VIRTIO_NET_CTRL_NOTF_COAL_TX_SET, tx, &n->moderation_tx);
    n->moderation_refused = error != 0;
    return error;
}

int vio_net_moderate_by_load(struct vio_net *n, struct virtio_net_ctrl_coal busy)
{
    static const struct virtio_net_ctrl_coal none = {0, 0};
    uint64_t delta = n->rx_count.packets - n->moderation_seen;
    bool on = n->moderation_rx.max_packets ? delta > VIO_NET_QUIET : delta >= VIO_NET_BUSY;

    n->moderation_seen = n->rx_count.packets;
    return vio_net_moderate(n, on ? busy : none, on && !n->tx.event_idx ? busy : none);
}

/* The digits at *text; they end with `end`. 0: it is not so, or the number is too large. */
static uint32_t number(const char **text, char end)
{
    uint64_t value = 0;

    for (; **text >= '0' && **text <= '9' && value <= UINT32_MAX; (*text)++)
        value = value * 10 + (unsigned)(**text - '0');
    return **text == end && value <= UINT32_MAX ? (uint32_t)value : 0;
}

bool vio_net_moderation_read(const char *text, struct virtio_net_ctrl_coal *coal)
{
    coal->max_usecs = 0;
    coal->max_packets = number(&text, ',');
    if (coal->max_packets) {
        text++;
        coal->max_usecs = number(&text, 0);
    }
    if (!coal->max_usecs)
        coal->max_packets = 0;
    return coal->max_packets != 0;
}

bool vio_net_announce(struct vio_net *n)
{
    uint16_t status = 0;

    if (!can_command(n, VIRTIO_NET_F_GUEST_ANNOUNCE))
        return false;
    if (vio_pci_config(n->pci, (uint32_t)offsetof(struct virtio_net_config, status), &status, 1,
                       sizeof status))
        return false;
    if (!(status & VIRTIO_NET_S_ANNOUNCE))
        return false;
    (void)command(n, VIRTIO_NET_CTRL_ANNOUNCE, VIRTIO_NET_CTRL_ANNOUNCE_ACK, NULL, 0);
    return true;
}
