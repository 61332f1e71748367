/*
 * test-judge-parts.c - shows what in a definition of a domain is judged by more
 * than one value of it, and what a <source> of a disk needs.
 */
#include "judge-trial.h"

#define MORE(body) "<domain type='qemu'>" GOOD_DOMAIN_BODY body "</domain>"
#define OS(body)                                                               \
    "<domain type='qemu'><name>d</name>" GOOD_UUID                             \
    "<memory>1</memory><os>" body "</os></domain>"
#define HVM "<type>hvm</type>"
#define BOOT "<boot dev='hd'/>"
#define DEVICE(body) MORE("<devices>" body "</devices>")
#define MAC(address)                                                           \
    DEVICE("<interface><mac address='" address "'/></interface>")
#define NETWORK(source)                                                        \
    "<disks><disk name='a' type='network'>" source "</disk></disks>"
#define NBD(host) NETWORK("<source protocol='nbd'>" host "</source>")
#define NVME(source)                                                           \
    "<disks><disk name='a' type='nvme'>" source "</disk></disks>"

static const struct verdict_case wrong[] = {
    {OS("<type>uml</type><boot/>"), NULL},
    {OS("<type>HVM</type>"), "'HVM' of <os>"},
    {OS(HVM BOOT BOOT "<boot dev='fd'/><boot dev='network'/><boot/>"), NULL},
    {OS(HVM BOOT BOOT BOOT "<boot/>"), "no dev= of <boot>"},
    {OS(HVM "<boot dev='HD'/>"), "dev='HD'"},
    {MORE("<vcpu current='2'>2</vcpu>"), NULL},
    {MORE("<vcpu current='0'>2</vcpu>"), "expected 1 to 2"},
    {MORE("<vcpu current='3'>2</vcpu>"), "current='3'"},
    {MORE("<vcpu current='x'>2</vcpu>"), "current='x'"},
    {MORE("<vcpu current='3'>2</vcpu><vcpus/>"), NULL},
    {MORE("<clock offset='utc' adjustment='reset'/>"), NULL},
    {MORE("<clock adjustment='-5'/>"), NULL},
    {MORE("<clock offset='localtime' adjustment='x'/>"), "adjustment='x'"},
    {MORE("<clock offset='variable' adjustment='x' basis='utc'/>"), NULL},
    {MORE("<clock offset='variable' basis='x'/>"), "basis='x'"},
    {MORE("<clock offset='timezone' timezone='x'/>"), NULL},
    {MORE("<clock offset='timezone' timezone=''/>"), "no timezone="},
    {MORE("<clock offset='absolute' start='5'/>"), NULL},
    {MORE("<clock offset='absolute' start='x'/>"), "no start="},
    {MORE("<cpu mode='host-model'><feature name='a'/></cpu>"), NULL},
    {MORE("<cpu mode='custom'><feature name='a'/></cpu>"), "without <model>"},
    {MORE("<cpu><model>m</model><feature name=''/></cpu>"), "no name="},
    {MORE("<cpu><model>m</model><feature/></cpu>"), "no name="},
    {MORE("<cpu><model>m</model><feature name='a'/><feature name='b'/>"
          "<feature name='a'/></cpu>"),
     "'a' more than once"},
    {DEVICE("<interface type='bridge'/>"), "no bridge="},
    {DEVICE("<interface type='direct'><source/></interface>"), "no dev="},
    {DEVICE("<interface type='network'><source network=''/></interface>"),
     NULL},
    {MAC("52:54:00:12:34:56"), NULL},
    {MAC("2:5:0:1:3:6 x"), NULL},
    {MAC("52:54:00:12:34:567"), "six numbers"},
    {MAC("52:54:00:12:34"), "six numbers"},
    {MAC("52-54-00-12-34-56"), "six numbers"},
    {MAC("53:54:00:12:34:56"), "group"},
    {DEVICE("<memballoon model='xen'/><memballoon model='xen'/>"), "once"},
    {DEVICE("<disk type='nvme'><source/></disk>"), "nvme"},
};

static const struct verdict_case doubtful[] = {
    {MORE("<clock offset='x'/>"), "offset='x'"},
    {MORE("<genid/><genid/>"), "<genid> more than once"},
    {MORE("<genid>x</genid>"), "<genid> 'x'"},
    {MORE("<maxMemory>x</maxMemory>"), "<maxMemory> 'x'"},
    {MORE("<maxMemory>-1</maxMemory>"), "<maxMemory> '-1'"},
    {DEVICE("<watchdog model='ib700'/><watchdog model='ib700'/>"), "once"},
    {DEVICE("<disk><target dev='vdz12'/></disk>"), NULL},
    {DEVICE("<disk><target dev='nvme0n1'/></disk>"), NULL},
    {DEVICE("<disk><target dev='odd'/><address type='pci'/></disk>"), NULL},
    {DEVICE("<disk><target dev='vd'/></disk>"), "dev='vd'"},
    {DEVICE("<disk><target dev='vda1x'/></disk>"), "dev='vda1x'"},
    {DEVICE("<disk type='network'><source protocol='x' name='y'/></disk>"),
     "protocol='x'"},
};

static const struct verdict_case sources_wrong[] = {
    {NETWORK(""), NULL},
    {NETWORK("<source/>"), "no protocol="},
    {NETWORK("<source protocol='rbd'/>"), "no name="},
    {NETWORK("<source protocol='rbd' name='a/b'/>"), NULL},
    {NBD(""), NULL},
    {NBD("<host/>"), "no name= of <host>"},
    {NBD("<host name='h' port='65535'/>"), NULL},
    {NBD("<host transport='rdma' name='h'/>"), NULL},
    {NBD("<host transport='unix' socket='/s'/>"), NULL},
    {NBD("<host transport='unix'/>"), "no socket="},
    {NBD("<host name='h' socket='/s'/>"), "without transport="},
    {NBD("<host name='h'/><host/>"), "no name= of <host>"},
    {NVME(""), NULL},
    {NVME("<source type='usb' namespace='1'/>"), "no type='pci'"},
    {NVME("<source type='pci'/>"), "namespace="},
    {NVME("<source type='pci' namespace='x'/>"), "namespace="},
    {NVME("<source type='pci' namespace='1'/>"), "no <address>"},
    {NVME("<source type='pci' namespace='1'><address/></source>"), NULL},
    {"<disks><disk name='a' type='vhostuser'><source type='x'/></disk></disks>",
     "no type='unix'"},
    {"<disks><disk name='a' type='vhostuser'><source type='unix'/></disk>"
     "</disks>",
     "no path="},
    {"<disks><disk name='a' type='vhostuser'><source type='unix' path='/s'/>"
     "</disk></disks>",
     NULL},
};

static const struct verdict_case sources_doubtful[] = {
    {NETWORK("<source protocol='x' name='y'/>"), "protocol='x'"},
    {NETWORK("<source protocol='gluster' name='y'/>"), "name='y'"},
    {NETWORK("<source protocol='rbd' name='/y'/>"), "name='/y'"},
    {NETWORK("<source protocol='nbd' tls='x'/>"), "tls='x'"},
    {NBD("<host transport='x' name='h'/>"), "transport='x'"},
    {NBD("<host name='h' port='65536'/>"), "port='65536'"},
    {NVME("<source type='pci' namespace='1' managed='x'><address/></source>"),
     "managed='x'"},
    {"<disks><disk name='a' type='vhostvdpa'/></disks>", "type='vhostvdpa'"},
};

static void
test_definitions(void **state)
{
    (void)state;
    run_verdicts(judge_domain, PROBLEM_DOMAIN_INCOMPLETE, wrong, LENGTH(wrong));
    run_verdicts(judge_domain, PROBLEM_VALUE_UNKNOWN, doubtful,
                 LENGTH(doubtful));
}

static void
test_sources(void **state)
{
    (void)state;
    run_verdicts(judge_disks, PROBLEM_DISK_BAD, sources_wrong,
                 LENGTH(sources_wrong));
    run_verdicts(judge_disks, PROBLEM_VALUE_UNKNOWN, sources_doubtful,
                 LENGTH(sources_doubtful));
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_definitions),
        cmocka_unit_test(test_sources),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
