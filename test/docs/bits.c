// SPDX-License-Identifier: BSD-3-Clause
/* The negotiation tables of core/ as text: bit, name, section of the specification, whether it is accepted. */
#include "../core/fake.h"
#include <stdio.h>

static void print(const char *table, struct vio_feature_table t)
{
    static const char *const use[] = {"known", "accepted", "required"};

    for (unsigned i = 0; i < t.rows; i++)
        printf("%s\t%u\t%s\t%s\t%s\n", table, t.row[i].bit, t.row[i].name, t.row[i].spec, use[t.row[i].use]);
}

/* The transport's table, which only an open device shows. */
static int print_transport(const char *kind)
{
    static struct hal_dev dev;
    static struct vio_pci pci;

    fake_init(&dev, kind, 0, 16);
    if (vio_pci_open(&pci, &dev, false))
        return 1;
    print(kind, pci.ops->features);
    vio_pci_close(&pci);
    return 0;
}

int main(void)
{
    print("net", vio_net_features);
    return print_transport("modern") || print_transport("legacy");
}
