/*
 * judge-rules.c - see judge-rules.h.
 *
 * The sources are the enumerations of libvirt 9.0.0 and virDomainDefParseXML()
 * with what it calls, and some words that came later.
 */
#include "judge-rules.h"

#include <limits.h>
#include <stddef.h>

#define CHARACTER_DEVICES                                                      \
    "null vc pty dev file pipe stdio udp tcp unix spicevmc spiceport nmdm "    \
    "qemu-vdagent dbus"
#define HYPERV                                                                 \
    "relaxed vapic spinlocks vpindex runtime synic stimer reset vendor_id "    \
    "frequencies reenlightenment tlbflush ipi evmcs avic emsr_bitmap "         \
    "xmm_input"
#define ACTIONS                                                                \
    "destroy restart rename-restart preserve coredump-destroy coredump-restart"

const struct words_rule judge_words[] = {
    {{"memory!", "dumpCore", NULL, CLOSED}, "on off"},
    {{"memoryBacking!/source!", "type", NULL, XPATH}, "file anonymous memfd"},
    {{"memoryBacking!/access!", "mode", NULL, XPATH}, "shared private"},
    {{"memoryBacking!/allocation!", "mode", NULL, XPATH}, "immediate ondemand"},
    {{"vcpu!", "placement", NULL, CLOSED}, "static auto"},
    {{"os!/type!", "arch", NULL, XPATH},
     "alpha armv6l armv7l armv7b aarch64 cris i686 ia64 lm32 loongarch64 m68k "
     "microblaze microblazeel mips mipsel mips64 mips64el openrisc parisc "
     "parisc64 ppc ppcle ppc64 ppc64le ppcemb riscv32 riscv64 s390 s390x sh4 "
     "sh4eb sparc sparc64 unicore32 x86_64 xtensa xtensaeb"},
    {{"os!", "firmware", NULL, XPATH}, "bios efi"},
    {{"os!/loader!", "readonly", NULL, 0}, "yes no"},
    {{"os!/loader!", "type", NULL, 0}, "rom pflash"},
    {{"os!/loader!", "secure", NULL, 0}, "yes no"},
    {{"os!/loader!", "stateless", NULL, 0}, "yes no"},
    {{"os!/bootmenu!", "enable", NULL, 0}, "yes no"},
    {{"os!/smbios!", "mode", NULL, CLOSED | XPATH},
     "emulate host sysinfo none"},
    {{"features/apic", "eoi", NULL, CLOSED}, "on off"},
    {{"features/pmu", "state", NULL, 0}, "on off"},
    {{"features/vmport", "state", NULL, 0}, "on off"},
    {{"features/hap", "state", NULL, 0}, "on off"},
    {{"features/pvspinlock", "state", NULL, 0}, "on off"},
    {{"features/vmcoreinfo", "state", NULL, 0}, "on off"},
    {{"features/smm", "state", NULL, 0}, "on off"},
    {{"features/hyperv", "mode", NULL, 0}, "custom passthrough"},
    {{"features/hyperv/*", "state", NULL, ASKED}, "on off"},
    {{"features/kvm/*", "state", NULL, ASKED}, "on off"},
    {{"cpu!", "mode", NULL, 0}, "custom host-model host-passthrough maximum"},
    {{"cpu!", "match", NULL, CLOSED}, "exact minimum strict"},
    {{"cpu!", "check", NULL, 0}, "none partial full default"},
    {{"cpu!/model!", "fallback", NULL, XPATH}, "allow forbid"},
    {{"cpu!/feature", "policy", NULL, CLOSED},
     "force require optional disable forbid"},
    {{"clock/timer", "name", NULL, NEEDED},
     "platform pit rtc hpet tsc kvmclock hypervclock armvtimer"},
    {{"clock/timer", "present", NULL, CLOSED}, "yes no"},
    {{"clock/timer", "tickpolicy", NULL, CLOSED},
     "delay catchup merge discard"},
    {{"clock/timer", "track", NULL, 0}, "boot guest wall realtime"},
    {{"clock/timer", "mode", NULL, CLOSED},
     "auto native emulate paravirt smpsafe"},
    {{"on_poweroff!", NULL, NULL, CLOSED | XPATH}, ACTIONS},
    {{"on_reboot!", NULL, NULL, CLOSED | XPATH}, ACTIONS},
    {{"on_crash!", NULL, NULL, CLOSED | XPATH}, ACTIONS},
    {{"on_lockfailure!", NULL, NULL, CLOSED | XPATH},
     "default poweroff restart pause ignore"},
    {{"pm!/suspend-to-mem!", "enabled", NULL, CLOSED}, "yes no"},
    {{"pm!/suspend-to-disk!", "enabled", NULL, CLOSED}, "yes no"},
    {{"seclabel", "type", NULL, CLOSED}, "dynamic static none"},
    {{"devices/disk", "type", NULL, 0},
     "file block dir network volume nvme vhostuser vhostvdpa"},
    {{"devices/disk", "device", NULL, CLOSED}, "disk cdrom floppy lun"},
    {{"devices/disk", "snapshot", NULL, 0}, "no internal external manual"},
    {{"devices/disk/driver!", "type", NULL, 0},
     "raw dir bochs cloop dmg iso vpc vdi fat vhd ploop cow qcow qcow2 qed "
     "vmdk"},
    {{"devices/disk/driver!", "cache", NULL, CLOSED},
     "default none writethrough writeback directsync unsafe"},
    {{"devices/disk/driver!", "io", NULL, 0}, "native threads io_uring"},
    {{"devices/disk/driver!", "discard", NULL, 0}, "unmap ignore"},
    {{"devices/disk/driver!", "error_policy", NULL, 0},
     "stop report ignore enospace"},
    {{"devices/disk/source!", "startupPolicy", NULL, 0},
     "mandatory requisite optional"},
    {{"devices/disk/target!", "bus", NULL, 0},
     "ide fdc scsi virtio xen usb uml sata sd"},
    {{"devices/disk/target!", "tray", NULL, CLOSED}, "closed open"},
    {{"devices/controller", "type", NULL, 0},
     "ide fdc scsi sata virtio-serial ccid usb pci xenbus isa"},
    {{"devices/controller", "model", "type=pci", 0},
     "pci-root pcie-root pci-bridge dmi-to-pci-bridge pcie-to-pci-bridge "
     "pcie-root-port pcie-switch-upstream-port pcie-switch-downstream-port "
     "pci-expander-bus pcie-expander-bus"},
    {{"devices/controller", "model", "type=usb", 0},
     "piix3-uhci piix4-uhci ehci ich9-ehci1 ich9-uhci1 ich9-uhci2 ich9-uhci3 "
     "vt82c686b-uhci pci-ohci nec-xhci qusb1 qusb2 qemu-xhci none"},
    {{"devices/interface", "type", NULL, 0},
     "user ethernet vhostuser server client mcast network bridge internal "
     "direct hostdev udp vdpa null vds"},
    {{"devices/interface/link!", "state", NULL, CLOSED | XPATH}, "up down"},
    {{"devices/serial", "type", NULL, 0}, CHARACTER_DEVICES},
    {{"devices/parallel", "type", NULL, 0}, CHARACTER_DEVICES},
    {{"devices/console", "type", NULL, 0}, CHARACTER_DEVICES},
    {{"devices/channel", "type", NULL, 0}, CHARACTER_DEVICES},
    {{"devices/console/target!", "type", NULL, 0},
     "serial xen uml virtio lxc openvz sclp sclplm"},
    {{"devices/channel/target!", "type", NULL, ASKED}, "guestfwd virtio xen"},
    {{"devices/input", "type", NULL, NEEDED},
     "mouse tablet keyboard passthrough evdev"},
    {{"devices/input", "bus", NULL, 0}, "ps2 usb xen parallels virtio none"},
    {{"devices/graphics", "type", NULL, NEEDED},
     "sdl vnc rdp desktop spice egl-headless dbus"},
    {{"devices/graphics/listen", "type", NULL, ASKED},
     "none address network socket"},
    {{"devices/sound", "model", NULL, NEEDED},
     "sb16 es1370 pcspk ac97 ich6 ich9 usb ich7"},
    {{"devices/video/model!", "type", NULL, XPATH},
     "default vga cirrus vmvga xen vbox qxl parallels virtio gop none bochs "
     "ramfb"},
    {{"devices/watchdog", "model", NULL, NEEDED},
     "i6300esb ib700 diag288 itco"},
    {{"devices/watchdog", "action", NULL, 0},
     "reset shutdown poweroff pause dump none inject-nmi"},
    {{"devices/memballoon", "model", NULL, NEEDED},
     "virtio xen none virtio-transitional virtio-non-transitional"},
    {{"devices/rng", "model", NULL, NEEDED},
     "virtio virtio-transitional virtio-non-transitional"},
    {{"devices/rng/backend", "model", NULL, ASKED}, "random egd builtin"},
    {{"devices/*/address!", "type", NULL, ASKED},
     "none pci drive virtio-serial ccid usb spapr-vio virtio-s390 ccw "
     "virtio-mmio isa dimm unassigned"},
    {{NULL, NULL, NULL, 0}, NULL},
};

const struct number_rule judge_numbers[] = {
    {{"iothreads!", NULL, NULL, XPATH}, 0, UINT_MAX, 10},
    {{"maxMemory!", "slots", NULL, XPATH}, 0, UINT_MAX, 10},
    {{"os!/bootmenu!", "timeout", "enable=yes", 0}, 0, UINT_MAX, 10},
    {{"os!/bios!", "rebootTimeout", NULL, 0}, INT_MIN, INT_MAX, 10},
    {{"cpu!/topology!", "sockets", NULL, CLOSED | NEEDED}, 1, UINT_MAX, 10},
    {{"cpu!/topology!", "dies", NULL, 0}, 1, UINT_MAX, 10},
    {{"cpu!/topology!", "cores", NULL, CLOSED | NEEDED}, 1, UINT_MAX, 10},
    {{"cpu!/topology!", "threads", NULL, CLOSED | NEEDED}, 1, UINT_MAX, 10},
    {{"clock/timer", "frequency", NULL, 0}, 0, LLONG_MAX, 10},
    {{"devices/controller", "index", NULL, CLOSED}, 0, INT_MAX, 10},
    {{"devices/serial/target!", "port", NULL, 0}, INT_MIN, UINT_MAX, 10},
    {{"devices/graphics", "port", "type=vnc", 0}, INT_MIN, INT_MAX, 10},
    {{"devices/graphics", "port", "type=spice", 0}, INT_MIN, INT_MAX, 10},
    {{"devices/video/model!", "ram", NULL, XPATH}, 0, UINT_MAX, 10},
    {{"devices/video/model!", "vram", NULL, XPATH}, 0, UINT_MAX, 10},
    {{"devices/video/model!", "heads", NULL, XPATH}, 0, UINT_MAX, 10},
    {{"devices/*/address!", "domain", "type=pci", 0}, 0, 0xffff, 0},
    /* A warning, for libvirt does not know every element that this may be. */
    {{"devices/*/address!", "bus", "type=pci", 0}, 0, 0xff, 0},
    {{"devices/*/address!", "slot", "type=pci", 0}, 0, 0x1f, 0},
    {{"devices/*/address!", "function", "type=pci", 0}, 0, 7, 0},
    {{NULL, NULL, NULL, 0}, 0, 0, 0},
};

const struct words_rule judge_children[] = {
    {{"features", NULL, NULL, 0},
     "acpi apic pae hap viridian privnet hyperv kvm pvspinlock capabilities "
     "pmu vmport gic smm ioapic hpt vmcoreinfo htm nested-hv msrs ccf-assist "
     "xen cfpc sbbc ibs tcg async-teardown ras ps2 aia"},
    {{"features/hyperv", NULL, "mode=custom", 0}, HYPERV},
    {{"features/hyperv", NULL, "mode=", 0}, HYPERV},
    {{"features/kvm", NULL, NULL, 0},
     "hidden hint-dedicated poll-control pv-ipi dirty-ring"},
    {{NULL, NULL, NULL, 0}, NULL},
};
