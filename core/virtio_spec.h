// SPDX-License-Identifier: BSD-3-Clause
/*
 * Constants and structures of the virtio specification, spelled as it spells them: status and feature bits
 * (2.1, 2.2, 6), the split ring (2.7), the PCI transport (4.1) and the network device (5.1). Multi-byte
 * fields are little-endian.
 */
#ifndef CORE_VIRTIO_SPEC_H
#define CORE_VIRTIO_SPEC_H
#include "vio.h"

/* 2.1 Device status */
#define VIRTIO_STATUS_ACKNOWLEDGE        0x01
#define VIRTIO_STATUS_DRIVER             0x02
#define VIRTIO_STATUS_DRIVER_OK          0x04
#define VIRTIO_STATUS_FEATURES_OK        0x08
#define VIRTIO_STATUS_DEVICE_NEEDS_RESET 0x40
#define VIRTIO_STATUS_FAILED             0x80

/* 6 Reserved feature bits, and 6.3 those of legacy devices */
#define VIRTIO_F_NOTIFY_ON_EMPTY   24
#define VIRTIO_F_ANY_LAYOUT        27
#define VIRTIO_F_INDIRECT_DESC     28
#define VIRTIO_F_EVENT_IDX         29
#define VIRTIO_F_VERSION_1         32
#define VIRTIO_F_ACCESS_PLATFORM   33
#define VIRTIO_F_RING_PACKED       34
#define VIRTIO_F_IN_ORDER          35
#define VIRTIO_F_ORDER_PLATFORM    36
#define VIRTIO_F_SR_IOV            37
#define VIRTIO_F_NOTIFICATION_DATA 38
#define VIRTIO_F_NOTIF_CONFIG_DATA 39
#define VIRTIO_F_RING_RESET        40

/* 2.7.5 to 2.7.8 The split ring */
#define VIRTQ_DESC_F_NEXT          1
#define VIRTQ_DESC_F_WRITE         2
#define VIRTQ_DESC_F_INDIRECT      4
#define VIRTQ_AVAIL_F_NO_INTERRUPT 1
#define VIRTQ_USED_F_NO_NOTIFY     1
#define VIRTQ_MAX_SIZE             32768

struct virtq_desc {
    uint64_t addr;
    uint32_t len;
    uint16_t flags;
    uint16_t next;
};
struct virtq_avail {
    uint16_t flags;
    uint16_t idx;
    uint16_t ring[]; /* then used_event, with VIRTIO_F_EVENT_IDX */
};
struct virtq_used_elem {
    uint32_t id;
    uint32_t len;
};
struct virtq_used {
    uint16_t flags;
    uint16_t idx;
    struct virtq_used_elem ring[]; /* then avail_event, with VIRTIO_F_EVENT_IDX */
};

/* 2.8 The packed ring; flags NEXT, WRITE and INDIRECT as in the split one (2.8.5, 2.8.7) */
#define VIRTQ_DESC_F_AVAIL       0x0080
#define VIRTQ_DESC_F_USED        0x8000
#define RING_EVENT_FLAGS_ENABLE  0
#define RING_EVENT_FLAGS_DISABLE 1
#define RING_EVENT_FLAGS_DESC    2
#define PVIRTQ_EVENT_WRAP        0x8000 /* in off_wrap, and in the doorbell's data (2.9) */

struct pvirtq_desc {
    uint64_t addr;
    uint32_t len;
    uint16_t id;
    uint16_t flags;
};
/* 2.8.14; accessed whole, as one number */
struct pvirtq_event_suppress {
    uint16_t off_wrap;
    uint16_t flags;
};

/* 4.1.2 PCI device discovery */
#define VIRTIO_PCI_VENDOR          0x1af4
#define VIRTIO_PCI_DEVICE_LEGACY   0x1000 /* transitional devices: 0x1000 to 0x103f */
#define VIRTIO_PCI_DEVICE_MODERN   0x1040 /* 0x1040 + device type, to 0x107f */
#define VIRTIO_PCI_DEVICE_LAST     0x107f
#define VIRTIO_PCI_LEGACY_REVISION 0

/* 4.1.4 Structures found through vendor-specific PCI capabilities */
#define VIRTIO_PCI_CAP_COMMON_CFG 1
#define VIRTIO_PCI_CAP_NOTIFY_CFG 2
#define VIRTIO_PCI_CAP_ISR_CFG    3
#define VIRTIO_PCI_CAP_DEVICE_CFG 4
#define VIRTIO_PCI_CAP_PCI_CFG    5

struct virtio_pci_cap {
    uint8_t cap_vndr;
    uint8_t cap_next;
    uint8_t cap_len;
    uint8_t cfg_type;
    uint8_t bar;
    uint8_t id;
    uint8_t padding[2];
    uint32_t offset;
    uint32_t length;
};
struct virtio_pci_notify_cap {
    struct virtio_pci_cap cap;
    uint32_t notify_off_multiplier;
};
/* 4.1.4.3 */
struct virtio_pci_common_cfg {
    uint32_t device_feature_select;
    uint32_t device_feature;
    uint32_t driver_feature_select;
    uint32_t driver_feature;
    uint16_t config_msix_vector;
    uint16_t num_queues;
    uint8_t device_status;
    uint8_t config_generation;
    uint16_t queue_select;
    uint16_t queue_size;
    uint16_t queue_msix_vector;
    uint16_t queue_enable;
    uint16_t queue_notify_off;
    uint64_t queue_desc;
    uint64_t queue_driver;
    uint64_t queue_device;
    uint16_t queue_notif_config_data; /* from here on only with the feature of the field */
    uint16_t queue_reset;
};
#define VIRTIO_PCI_COMMON_CFG_SIZE 0x38 /* without such fields */

/* 4.1.4.10 The legacy register block, in I/O BAR 0 */
#define VIRTIO_PCI_HOST_FEATURES  0
#define VIRTIO_PCI_GUEST_FEATURES 4
#define VIRTIO_PCI_QUEUE_PFN      8
#define VIRTIO_PCI_QUEUE_NUM      12
#define VIRTIO_PCI_QUEUE_SEL      14
#define VIRTIO_PCI_QUEUE_NOTIFY   16
#define VIRTIO_PCI_STATUS         18
#define VIRTIO_PCI_ISR            19
#define VIRTIO_PCI_CONFIG         20 /* without MSI-X; device configuration begins here */
#define VIRTIO_MSI_CONFIG_VECTOR  20 /* with MSI-X */
#define VIRTIO_MSI_QUEUE_VECTOR   22
#define VIRTIO_PCI_CONFIG_MSIX    24
#define VIRTIO_PCI_LEGACY_ALIGN   4096 /* 2.7.2 */

#define VIRTIO_MSI_NO_VECTOR 0xffff /* 4.1.5.1.2 */
#define VIRTIO_ISR_QUEUE     0x01   /* 4.1.4.5 */
#define VIRTIO_ISR_CONFIG    0x02

/* 5 Device types */
#define VIRTIO_ID_NETWORK 1

/* 5.1.3 Network feature bits */
#define VIRTIO_NET_F_CSUM                0
#define VIRTIO_NET_F_GUEST_CSUM          1
#define VIRTIO_NET_F_CTRL_GUEST_OFFLOADS 2
#define VIRTIO_NET_F_MTU                 3
#define VIRTIO_NET_F_MAC                 5
#define VIRTIO_NET_F_GSO                 6 /* legacy, 5.1.3.2 */
#define VIRTIO_NET_F_GUEST_TSO4          7
#define VIRTIO_NET_F_GUEST_TSO6          8
#define VIRTIO_NET_F_GUEST_ECN           9
#define VIRTIO_NET_F_GUEST_UFO           10
#define VIRTIO_NET_F_HOST_TSO4           11
#define VIRTIO_NET_F_HOST_TSO6           12
#define VIRTIO_NET_F_HOST_ECN            13
#define VIRTIO_NET_F_HOST_UFO            14
#define VIRTIO_NET_F_MRG_RXBUF           15
#define VIRTIO_NET_F_STATUS              16
#define VIRTIO_NET_F_CTRL_VQ             17
#define VIRTIO_NET_F_CTRL_RX             18
#define VIRTIO_NET_F_CTRL_VLAN           19
#define VIRTIO_NET_F_CTRL_RX_EXTRA       20 /* legacy, 5.1.3.2 */
#define VIRTIO_NET_F_GUEST_ANNOUNCE      21
#define VIRTIO_NET_F_MQ                  22
#define VIRTIO_NET_F_CTRL_MAC_ADDR       23
#define VIRTIO_NET_F_VQ_NOTF_COAL        52
#define VIRTIO_NET_F_NOTF_COAL           53
#define VIRTIO_NET_F_HOST_USO            56
#define VIRTIO_NET_F_HASH_REPORT         57
#define VIRTIO_NET_F_GUEST_HDRLEN        59
#define VIRTIO_NET_F_RSS                 60
#define VIRTIO_NET_F_RSC_EXT             61
#define VIRTIO_NET_F_STANDBY             62
#define VIRTIO_NET_F_SPEED_DUPLEX        63

/* 5.1.4 Device configuration layout; a field exists only with its feature */
struct virtio_net_config {
    uint8_t mac[6];
    uint16_t status;
    uint16_t max_virtqueue_pairs;
    uint16_t mtu;
    uint32_t speed; /* Mbit/s, or 0xffffffff: unknown */
    uint8_t duplex; /* 1 full, 0 half, 0xff unknown */
} __attribute__((packed));
#define VIRTIO_NET_S_LINK_UP  1
#define VIRTIO_NET_S_ANNOUNCE 2

/* 5.1.9 Device operation */
#define VIRTIO_NET_HDR_F_NEEDS_CSUM 1
#define VIRTIO_NET_HDR_F_DATA_VALID 2
#define VIRTIO_NET_HDR_GSO_NONE     0
#define VIRTIO_NET_HDR_GSO_TCPV4    1
#define VIRTIO_NET_HDR_GSO_UDP      3
#define VIRTIO_NET_HDR_GSO_TCPV6    4
#define VIRTIO_NET_HDR_GSO_ECN      0x80

/* 5.1.9.5 Control virtqueue: class, command, then the acknowledgement */
#define VIRTIO_NET_OK                         0
#define VIRTIO_NET_ERR                        1
#define VIRTIO_NET_UNANSWERED                 0xff /* ours: no acknowledgement has this value */
#define VIRTIO_NET_CTRL_RX                    0
#define VIRTIO_NET_CTRL_RX_PROMISC            0
#define VIRTIO_NET_CTRL_RX_ALLMULTI           1
#define VIRTIO_NET_CTRL_RX_ALLUNI             2 /* this and the next three: CTRL_RX_EXTRA */
#define VIRTIO_NET_CTRL_RX_NOMULTI            3
#define VIRTIO_NET_CTRL_RX_NOUNI              4
#define VIRTIO_NET_CTRL_RX_NOBCAST            5
#define VIRTIO_NET_CTRL_MAC                   1
#define VIRTIO_NET_CTRL_MAC_TABLE_SET         0
#define VIRTIO_NET_CTRL_MAC_ADDR_SET          1
#define VIRTIO_NET_CTRL_VLAN                  2
#define VIRTIO_NET_CTRL_VLAN_ADD              0
#define VIRTIO_NET_CTRL_VLAN_DEL              1
#define VIRTIO_NET_CTRL_ANNOUNCE              3
#define VIRTIO_NET_CTRL_ANNOUNCE_ACK          0
#define VIRTIO_NET_CTRL_GUEST_OFFLOADS        5
#define VIRTIO_NET_CTRL_GUEST_OFFLOADS_SET    0
#define VIRTIO_NET_CTRL_NOTF_COAL             6
#define VIRTIO_NET_CTRL_NOTF_COAL_TX_SET      0
#define VIRTIO_NET_CTRL_NOTF_COAL_RX_SET      1
#define VIRTIO_NET_CTRL_NOTF_COAL_VQ_SET      2

/* 5.1.9.5.10 */
struct virtio_net_ctrl_coal {
    uint32_t max_packets, max_usecs;
};
struct virtio_net_ctrl_coal_vq {
    uint16_t vq_index, reserved;
    struct virtio_net_ctrl_coal coal;
};

struct virtio_net_hdr {
    uint8_t flags;
    uint8_t gso_type;
    uint16_t hdr_len;
    uint16_t gso_size;
    uint16_t csum_start;
    uint16_t csum_offset;
    uint16_t num_buffers; /* absent on legacy devices without VIRTIO_NET_F_MRG_RXBUF (5.1.9.1) */
};
#define VIRTIO_NET_HDR_SIZE_LEGACY 10

_Static_assert(sizeof(struct virtq_desc) == 16, "2.7.5");
_Static_assert(offsetof(struct virtq_desc, next) == 14, "2.7.5");
_Static_assert(offsetof(struct virtq_avail, ring) == 4, "2.7.6");
_Static_assert(sizeof(struct virtq_used_elem) == 8, "2.7.8");
_Static_assert(offsetof(struct virtq_used, ring) == 4, "2.7.8");
_Static_assert(sizeof(struct pvirtq_desc) == 16, "2.8.13");
_Static_assert(offsetof(struct pvirtq_desc, flags) == 14, "2.8.13");
_Static_assert(sizeof(struct pvirtq_event_suppress) == 4, "2.8.14");
_Static_assert(sizeof(struct virtio_pci_cap) == 16, "4.1.4");
_Static_assert(offsetof(struct virtio_pci_notify_cap, notify_off_multiplier) == 16, "4.1.4.4");
_Static_assert(offsetof(struct virtio_pci_common_cfg, device_status) == 0x14, "4.1.4.3");
_Static_assert(offsetof(struct virtio_pci_common_cfg, queue_notify_off) == 0x1e, "4.1.4.3");
_Static_assert(offsetof(struct virtio_pci_common_cfg, queue_device) == 0x30, "4.1.4.3");
_Static_assert(offsetof(struct virtio_pci_common_cfg, queue_reset) == 0x3a, "4.1.4.3");
_Static_assert(sizeof(struct virtio_net_config) == 17, "5.1.4");
_Static_assert(offsetof(struct virtio_net_config, speed) == 12, "5.1.4");
_Static_assert(sizeof(struct virtio_net_ctrl_coal_vq) == 12, "5.1.9.5.10");
_Static_assert(sizeof(struct virtio_net_hdr) == 12, "5.1.9");
_Static_assert(offsetof(struct virtio_net_hdr, num_buffers) == VIRTIO_NET_HDR_SIZE_LEGACY, "5.1.9.1");
#endif
