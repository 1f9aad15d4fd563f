// SPDX-License-Identifier: BSD-3-Clause
/* Feature choice (core/vio_feature.h) and both PCI transports (core/vio_pci.h) against devices that are out
 * of order. */
#include "fake.h"
#include <string.h>

#define BIT(n) VIO_BIT(n)

static void test_features(void)
{
    static const struct vio_feature rows[] = {
        {0, VIO_WANTED, "A", "", 0, 0},      {1, VIO_WANTED, "B", "", BIT(0), 0},
        {2, VIO_WANTED, "C", "", BIT(1), 0}, {3, VIO_REQUIRED, "D", "", 0, 0},
        {4, VIO_KNOWN, "E", "", 0, 0},       {5, VIO_WANTED, "F", "", 0, BIT(1) | BIT(6)},
        {6, VIO_WANTED, "G", "", BIT(4), 0}, {63, VIO_WANTED, "H", "", 0, 0},
        {7, VIO_REQUIRED, "I", "", 0, 0},
    };
    static const struct vio_feature_table tables[] = {{rows, 4}, {rows + 4, 4}};
    static const struct {
        uint64_t offered, deny, chosen;
        bool ok;
    } cases[] = {
        {BIT(3), 0, BIT(3), true},
        {~0ULL, 0, BIT(0) | BIT(1) | BIT(2) | BIT(3) | BIT(5) | BIT(63), true}, /* E known, so G lacks it */
        {BIT(1) | BIT(2) | BIT(3) | BIT(5), 0, BIT(3), true},                   /* a whole chain falls */
        {BIT(0) | BIT(1) | BIT(3) | BIT(5), BIT(0), BIT(3), true},
        {BIT(0) | BIT(3) | BIT(40), 0, BIT(0) | BIT(3), true}, /* unknown bits stay unknown */
        {BIT(0), 0, BIT(0), false},
        {BIT(0) | BIT(3), BIT(3), BIT(0),
         false}, /* what is required may be denied; then there is no driver */
    };
    bool ok = true;

    for (unsigned i = 0; i < VIO_COUNT(cases); i++) {
        const struct vio_feature *missing;
        uint64_t chosen;
        int error = vio_feature_choose(tables, 2, cases[i].offered, cases[i].deny, &chosen, &missing);
        ok &= chosen == cases[i].chosen && (error == 0) == cases[i].ok;
        ok &= cases[i].ok ? !missing : error == VIO_EFEATURE && missing == &rows[3];
    }
    ok &= vio_feature_listed(tables, 2, "b,H,nothing") == (BIT(1) | BIT(63)) &&
          !vio_feature_listed(tables, 2, "") && !vio_feature_listed(tables, 2, NULL) &&
          !vio_feature_listed(tables, 2, "BB,hh,,") && vio_feature_listed(tables, 2, ",,a") == BIT(0) &&
          vio_listed("msix,tso", "TSO") && !vio_listed("msix", "msi");
    ok &= vio_feature_find(tables, 2, 63) == &rows[7] && !vio_feature_find(tables, 2, 7);
    tap(ok, "features: dependencies, refusals, required ones");
}

static void no_change(struct hal_dev *f)
{
    (void)f;
}
static void no_caps(struct hal_dev *f)
{
    f->pci[6] = 0;
}
static void cap_loop(struct hal_dev *f)
{
    f->pci[0x41] = 0x98;
    f->pci[0x43] = 0; /* and no common configuration in it */
}
static void common_beyond(struct hal_dev *f)
{
    fake_cap(f, 0x40, 0, VIRTIO_PCI_CAP_COMMON_CFG, 4, 0x3fd0, 0x100);
}
static void common_wraps(struct hal_dev *f)
{
    fake_cap(f, 0x40, 0, VIRTIO_PCI_CAP_COMMON_CFG, 4, 0xfffffff0u, 0x100);
}
static void common_short(struct hal_dev *f)
{
    fake_cap(f, 0x40, 0, VIRTIO_PCI_CAP_COMMON_CFG, 4, 0, 55);
}
static void common_odd(struct hal_dev *f)
{
    fake_cap(f, 0x40, 0, VIRTIO_PCI_CAP_COMMON_CFG, 4, 2, 0x100);
}
static void common_bar7(struct hal_dev *f)
{
    fake_cap(f, 0x40, 0, VIRTIO_PCI_CAP_COMMON_CFG, 7, 0, 0x100);
}
static void common_no_bar(struct hal_dev *f)
{
    fake_cap(f, 0x40, 0, VIRTIO_PCI_CAP_COMMON_CFG, 2, 0, 0x100);
}
static void common_twice(struct hal_dev *f) /* an invalid one before the good one (4.1.4.1) */
{
    fake_cap(f, 0xc0, f->pci[0x34], VIRTIO_PCI_CAP_COMMON_CFG, 4, 0x3ff0, 0x100);
    f->pci[0x34] = 0xc0;
}
static void notify_short_cap(struct hal_dev *f)
{
    f->pci[0x72] = 16;
}
static void cap_at_end(struct hal_dev *f)
{
    f->pci[0x41] = 0xfc;
    f->pci[0xfc] = 9;
    f->pci[0xfd] = 0xfc;
}
static void other_vendor(struct hal_dev *f)
{
    f->pci[0] = 0xf5;
}
static void other_device(struct hal_dev *f)
{
    f->pci[3] = 0x11;
}
static void legacy_revision(struct hal_dev *f)
{
    f->pci[8] = 1;
}
static void legacy_memory_bar(struct hal_dev *f)
{
    f->bar[0].io = false;
}
static void legacy_small_bar(struct hal_dev *f)
{
    f->bar[0].size = 20;
}
static void gone(struct hal_dev *f)
{
    f->gone = true;
}

static void test_open(void)
{
    static const struct {
        const char *name, *kind;
        void (*change)(struct hal_dev *f);
        const char *transport; /* NULL: VIO_EDEVICE */
    } rows[] = {
        {"modern device", "modern", no_change, "modern"},
        {"legacy device", "legacy", no_change, "legacy"},
        {"transitional device", "transitional", no_change, "modern"},
        {"transitional device without capabilities", "transitional", no_caps, "legacy"},
        {"modern device without capabilities", "modern", no_caps, NULL},
        {"capability list in a loop", "modern", cap_loop, NULL},
        {"structure beyond its BAR", "modern", common_beyond, NULL},
        {"structure beyond its BAR, with a legacy side", "transitional", common_beyond, "legacy"},
        {"structure that wraps at 4 GB", "modern", common_wraps, NULL},
        {"structure too short", "modern", common_short, NULL},
        {"structure not aligned", "modern", common_odd, NULL},
        {"structure in BAR 7", "modern", common_bar7, NULL},
        {"structure in a BAR that is absent", "modern", common_no_bar, NULL},
        {"bad capability before the good one", "modern", common_twice, "modern"},
        {"notification capability too short", "modern", notify_short_cap, NULL},
        {"capability at the end of configuration space", "modern", cap_at_end, "modern"},
        {"another vendor", "modern", other_vendor, NULL},
        {"another device", "modern", other_device, NULL},
        {"legacy device of revision 1", "legacy", legacy_revision, NULL},
        {"legacy registers in memory", "legacy", legacy_memory_bar, NULL},
        {"legacy BAR too small", "legacy", legacy_small_bar, NULL},
        {"nobody there", "modern", gone, NULL},
    };

    for (unsigned i = 0; i < VIO_COUNT(rows); i++) {
        struct hal_dev f;
        struct vio_pci p;
        fake_init(&f, rows[i].kind, 0, 8);
        rows[i].change(&f);
        int error = vio_pci_open(&p, &f, false);
        bool ok = rows[i].transport ? !error && !strcmp(p.ops->name, rows[i].transport) && p.device_type == 1
                                    : error == VIO_EDEVICE;
        if (!error)
            vio_pci_close(&p);
        tap(ok && !fake_leak(&f), "%s: %s", rows[i].name, rows[i].transport ? rows[i].transport : "refused");
    }
}

/* Misbehaviour while the device is brought up, and the error that must come of it. */
static void reset_hangs(struct hal_dev *f)
{
    f->status = 1;
    f->reset_hangs = true;
}
static void refuses_features(struct hal_dev *f)
{
    f->refuses_features = true;
}
static void no_version_1(struct hal_dev *f)
{
    f->features &= ~BIT(VIRTIO_F_VERSION_1);
}
static void queue_0(struct hal_dev *f)
{
    f->queue[0].size = f->queue[0].num = 0;
}
static void queue_3(struct hal_dev *f)
{
    f->queue[1].size = f->queue[1].num = 3;
}
static void queue_65535(struct hal_dev *f)
{
    f->queue[0].size = f->queue[0].num = 65535;
}
static void bell_far(struct hal_dev *f)
{
    f->queue[1].notify_off = 0x400;
}
static void bell_at_end(struct hal_dev *f)
{
    f->queue[1].notify_off = 0x3ff;
}
static void needs_reset(struct hal_dev *f)
{
    f->needs_reset = true;
}
static void config_flickers(struct hal_dev *f)
{
    f->config_flickers = true;
}
static void config_changes(struct hal_dev *f)
{
    f->config_changes = 9;
}
static void refuses_vectors(struct hal_dev *f)
{
    fake_set_msix(f, true);
    f->refuses_vectors = true;
}
static void msix_on(struct hal_dev *f)
{
    fake_set_msix(f, true);
}

/* The life of vio_pci.h with two queues and one field of configuration. */
static int bring_up(struct hal_dev *f, struct vio_pci *p, struct vq *q, uint16_t vectors)
{
    static const struct vio_feature_table none;
    uint8_t mac[6];
    int error = vio_pci_open(p, f, false);

    if (error)
        return error;
    if ((error = vio_pci_begin(p)) || (error = vio_pci_negotiate(p, none, 0)) ||
        (error = vio_pci_config(p, 0, mac, 6, 1)) || (error = vio_pci_set_vectors(p, vectors)))
        return error;
    for (uint16_t i = 0; i < 2; i++)
        if ((error = vio_pci_queue_alloc(p, &q[i], i, 1024, 4)) || (error = vio_pci_queue_enable(p, &q[i])))
            return error;
    if ((error = vio_pci_ready(p)))
        return error;
    for (unsigned i = 0; i < 2; i++)
        vq_kick(&q[i]);
    if (f->queue[0].kicks != 1 || f->queue[1].kicks != 1 || memcmp(mac + 1, f->config + 1, 5))
        return VIO_EINVAL;
    return 0;
}

static void test_bring_up(void)
{
    static const struct {
        const char *name, *kind;
        void (*change)(struct hal_dev *f);
        uint16_t vectors;
        int error;
    } rows[] = {
        {"modern", "modern", no_change, 0, 0},
        {"legacy", "legacy", no_change, 0, 0},
        {"modern, one vector", "modern", msix_on, 1, 0},
        {"legacy, one vector", "legacy", msix_on, 1, 0},
        {"legacy, three vectors", "legacy", msix_on, 3, 0},
        {"MSI-X on behind the driver's back", "legacy", msix_on, 0, VIO_EVECTOR},
        {"MSI-X off behind the driver's back", "modern", no_change, 1, VIO_EVECTOR},
        {"vector not taken, modern", "modern", refuses_vectors, 1, VIO_EVECTOR},
        {"vector not taken, legacy", "legacy", refuses_vectors, 1, VIO_EVECTOR},
        {"reset that never ends, modern", "modern", reset_hangs, 0, VIO_ETIMEOUT},
        {"reset that never ends, legacy", "legacy", reset_hangs, 0, VIO_ETIMEOUT},
        {"FEATURES_OK refused", "modern", refuses_features, 0, VIO_EFEATURE},
        {"no VERSION_1", "modern", no_version_1, 0, VIO_EFEATURE},
        {"queue of size 0", "modern", queue_0, 0, VIO_EDEVICE},
        {"queue of size 3", "legacy", queue_3, 0, VIO_EDEVICE},
        {"queue of size 65535", "legacy", queue_65535, 0, VIO_EDEVICE},
        {"doorbell beyond its structure", "modern", bell_far, 0, VIO_EDEVICE},
        {"doorbell at the very end", "modern", bell_at_end, 0, 0},
        {"DEVICE_NEEDS_RESET", "modern", needs_reset, 0, VIO_ERESET},
        {"configuration that never settles, modern", "modern", config_flickers, 0, VIO_EDEVICE},
        {"configuration that never settles, legacy", "legacy", config_flickers, 0, VIO_EDEVICE},
        {"configuration that changes while read, modern", "modern", config_changes, 0, 0},
        {"configuration that changes while read, legacy", "legacy", config_changes, 0, 0},
    };

    for (unsigned i = 0; i < VIO_COUNT(rows); i++) {
        struct hal_dev f;
        struct vio_pci p;
        struct vq q[2];
        memset(q, 0, sizeof q);
        fake_init(&f, rows[i].kind, BIT(VIRTIO_F_EVENT_IDX) | BIT(VIRTIO_F_INDIRECT_DESC), 8);
        rows[i].change(&f);
        int error = bring_up(&f, &p, q, rows[i].vectors);
        bool ok = error == rows[i].error;
        if (!error && rows[i].vectors == 3)
            ok &= f.config_vector == 0 && f.queue[0].vector == 1 && f.queue[1].vector == 2;
        fake_reset(&f);
        vq_free(&q[0]);
        vq_free(&q[1]);
        vio_pci_close(&p);
        tap(ok && !fake_leak(&f), "bring-up, %s: %s", rows[i].name, vio_strerror(rows[i].error));
    }
}

/* 4.1.4.10: the configuration moves with MSI-X Enable, at whatever moment the system flips it. */
static void test_legacy_config_moves(void)
{
    struct hal_dev f;
    struct vio_pci p;
    uint8_t mac[6];
    bool ok = true;

    fake_init(&f, "legacy", 0, 8);
    ok &= !vio_pci_open(&p, &f, false);
    for (int i = 0; i < 4; i++) {
        fake_set_msix(&f, i & 1);
        ok &= vio_pci_msix_enabled(&p) == (i & 1);
        ok &= !vio_pci_config(&p, 0, mac, 6, 1) && !memcmp(mac, f.config, 6);
    }
    vio_pci_close(&p);
    tap(ok, "the legacy configuration follows MSI-X Enable");
}

static void test_config_bounds(void)
{
    static const struct {
        uint32_t offset;
        unsigned count, width;
        int error;
    } rows[] = {{0, 6, 1, 0},
                {6, 1, 2, 0},
                {40, 1, 4, 0},
                {41, 4, 1, VIO_EDEVICE},
                {44, 1, 1, VIO_EDEVICE},
                {0, 65, 1, VIO_EINVAL},
                {0, 17, 4, VIO_EINVAL},
                {0, 0x40000001, 4, VIO_EINVAL},
                {0xfffffffc, 1, 4, VIO_EDEVICE}};
    struct hal_dev f;
    struct vio_pci p;
    uint8_t bytes[64];
    bool ok = true;

    fake_init(&f, "legacy", 0, 8); /* 64 - 20 = 44 bytes of configuration */
    ok &= !vio_pci_open(&p, &f, false);
    for (unsigned i = 0; i < VIO_COUNT(rows); i++)
        ok &= vio_pci_config(&p, rows[i].offset, bytes, rows[i].count, rows[i].width) == rows[i].error;
    vio_pci_close(&p);
    tap(ok, "configuration reads stay inside the structure");
}

static void test_isr(void)
{
    static const uint8_t rows[][2] = {{0, 0}, {1, 1}, {2, 2}, {3, 3}, {0xff, 0}, {4, 0}};
    static const char *const kinds[] = {"legacy", "modern"};
    bool ok = true;

    for (unsigned k = 0; k < 2; k++) {
        struct hal_dev f;
        struct vio_pci p;
        fake_init(&f, kinds[k], 0, 8);
        ok &= !vio_pci_open(&p, &f, false);
        for (unsigned i = 0; i < VIO_COUNT(rows); i++) {
            f.isr = rows[i][0];
            ok &= vio_pci_isr(&p) == rows[i][1] && vio_pci_isr(&p) == 0;
        }
        vio_pci_close(&p);
    }
    tap(ok, "interrupt status: read once, queue and configuration both told");
}

static void test_gone(void)
{
    static const char *const kinds[] = {"legacy", "modern"};
    bool ok = true;

    for (unsigned k = 0; k < 2; k++) {
        struct hal_dev f;
        struct vio_pci p;
        fake_init(&f, kinds[k], 0, 8);
        ok &= !vio_pci_open(&p, &f, false) && !vio_pci_begin(&p) && !vio_pci_health(&p);
        f.gone = true;
        ok &= vio_pci_health(&p) == VIO_EGONE && vio_pci_reset(&p) == VIO_EGONE &&
              vio_pci_begin(&p) == VIO_EGONE;
        ok &= !vio_pci_isr(&p) && !vio_pci_msix_enabled(&p) && vio_pci_ready(&p) == VIO_EGONE;
        vio_pci_close(&p);
    }
    tap(ok, "a device that was pulled out reads as gone everywhere");
}

static void test_legacy_on_request(void)
{
    struct hal_dev f;
    struct vio_pci p;
    bool ok = true;

    fake_init(&f, "transitional", 0, 8);
    ok &= !vio_pci_open(&p, &f, true) && !strcmp(p.ops->name, "legacy");
    vio_pci_close(&p);
    fake_init(&f, "modern", 0, 8);
    ok &= vio_pci_open(&p, &f, true) == VIO_EDEVICE;
    tap(ok && !fake_leak(&f), "legacy on request, where there is one");
}

void test_pci(void)
{
    test_features();
    test_open();
    test_bring_up();
    test_legacy_config_moves();
    test_config_bounds();
    test_isr();
    test_gone();
    test_legacy_on_request();
}
