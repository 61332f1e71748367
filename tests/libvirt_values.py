"""Snapshots whose <domain> or <disks> hold one value that libvirt may not know,
each in a file of its own, to see which of them a real libvirt hides.

What the tool calls an error must be hidden by it; what it hides must have at
least a warning. Only values that can be told without a look at QEMU or the
machine are changed.
"""
import os
import random
import re
from xml.etree import ElementTree

from libvirt_damage import own_uuid, put
from libvirt_daemon import BASE

DOMAIN = """
    <memory unit='KiB' dumpCore='on'>65536</memory>
    <currentMemory unit='KiB'>65536</currentMemory>
    <memoryBacking>
      <source type='memfd'/><access mode='shared'/>
      <allocation mode='immediate'/>
    </memoryBacking>
    <vcpu placement='static' current='1'>2</vcpu>
    <iothreads>1</iothreads>
    <os>
      <type arch='x86_64' machine='pc'>hvm</type>
      <boot dev='hd'/>
      <bootmenu enable='yes' timeout='3000'/>
      <smbios mode='host'/>
      <bios useserial='no' rebootTimeout='0'/>
    </os>
    <features>
      <acpi/><apic eoi='on'/><pae/>
      <hyperv mode='custom'><relaxed state='on'/></hyperv>
      <kvm><hidden state='on'/></kvm>
      <pmu state='off'/><vmport state='off'/>
    </features>
    <cpu mode='custom' match='exact' check='none'>
      <model fallback='forbid'>qemu64</model>
      <topology sockets='1' dies='1' cores='2' threads='1'/>
      <feature policy='disable' name='vmx'/>
    </cpu>
    <clock offset='utc'>
      <timer name='rtc' tickpolicy='catchup' track='guest'/>
      <timer name='hpet' present='no'/>
      <timer name='tsc' frequency='1000' mode='auto'/>
    </clock>
    <on_poweroff>destroy</on_poweroff>
    <on_reboot>restart</on_reboot>
    <on_crash>coredump-destroy</on_crash>
    <on_lockfailure>pause</on_lockfailure>
    <pm>
      <suspend-to-mem enabled='no'/><suspend-to-disk enabled='no'/>
    </pm>
    <devices>
      <disk type='file' device='disk' snapshot='internal'>
        <driver name='qemu' type='qcow2' cache='none' io='threads'
          discard='unmap' error_policy='stop'/>
        <source file='/srv/vm/a.qcow2' startupPolicy='optional'/>
        <target dev='vda' bus='virtio' tray='open'/>
      </disk>
      <controller type='usb' index='0' model='piix3-uhci'/>
      <controller type='pci' index='0' model='pci-root'/>
      <controller type='virtio-serial' index='0'/>
      <interface type='network'>
        <mac address='52:54:00:12:34:56'/>
        <source network='default'/>
        <model type='virtio'/>
        <link state='up'/>
      </interface>
      <interface type='bridge'>
        <mac address='52:54:00:12:34:57'/>
        <source bridge='br0'/>
      </interface>
      <serial type='pty'><target port='0'/></serial>
      <console type='pty'><target type='serial' port='0'/></console>
      <channel type='unix'>
        <target type='virtio' name='org.qemu.guest_agent.0'/>
      </channel>
      <input type='tablet' bus='usb'/>
      <graphics type='vnc' port='-1' autoport='yes'>
        <listen type='address' address='127.0.0.1'/>
      </graphics>
      <sound model='ich6'/>
      <video><model type='vga' vram='16384' heads='1' primary='yes'/></video>
      <watchdog model='i6300esb' action='reset'/>
      <memballoon model='virtio'>
        <address type='pci' domain='0x0000' bus='0x00' slot='0x09'
          function='0x0'/>
      </memballoon>
      <rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>
    </devices>
"""
DISKS = """
    <disk name='vda' snapshot='external' type='file'>
      <driver type='qcow2'/>
      <source file='/srv/vm/a.1'/>
    </disk>
"""
# Of an attribute or a text in the above: values to put there. None: it goes.
VALUES = {
    "memory@unit": ("MiB", "odd"),
    "memory@dumpCore": ("off", "yes", "", "odd"),
    "memoryBacking/source@type": ("file", "none", "odd"),
    "memoryBacking/access@mode": ("private", "default", "", "odd"),
    "memoryBacking/allocation@mode": ("ondemand", "odd"),
    "vcpu@placement": ("auto", "", "odd", "Static"),
    "vcpu@current": ("2", "3", "0", "x", "-1", "", " 1"),
    "vcpu": ("4", "x", "0", "1"),
    "iothreads": ("0", "x", "-1", ""),
    "os/type": ("xen", "linux", "exe", "uml", "xenpvh", "HVM", " hvm", "odd"),
    "os/type@arch": ("i686", "", "x86", "odd", "amd64", "X86_64"),
    "os/type@machine": (None, ""),
    "os/boot@dev": ("network", "fd", "cdrom", "disk", "", " hd", None),
    "os/bootmenu@enable": ("no", "on", "", "odd", None),
    "os/bootmenu@timeout": ("0", "x", "-1", None),
    "os/smbios@mode": ("sysinfo", "emulate", "none", "odd", ""),
    "os/bios@useserial": ("yes", "odd"),
    "os/bios@rebootTimeout": ("-1", "65535", "65536", "x", ""),
    "features/apic@eoi": ("off", "yes", "default", "", None),
    "features/hyperv@mode": ("passthrough", "odd", None),
    "features/hyperv/relaxed@state": ("off", "odd", None),
    "features/kvm/hidden@state": ("off", "odd", None),
    "features/pmu@state": ("on", "yes", "", None),
    "features/vmport@state": ("on", "odd", None),
    "cpu@mode": ("host-model", "host-passthrough", "maximum", "odd", "", None),
    "cpu@match": ("minimum", "strict", "odd", "", None),
    "cpu@check": ("partial", "full", "odd", "", None),
    "cpu/model@fallback": ("allow", "odd", "", None),
    "cpu/topology@sockets": ("0", "x", "-1", None),
    "cpu/topology@dies": ("0", "x", None),
    "cpu/topology@cores": ("0", "x", None),
    "cpu/topology@threads": ("0", "x", None),
    "cpu/feature@policy": ("force", "require", "optional", "forbid", "odd", "",
                           None),
    "cpu/feature@name": ("", None, "odd"),
    "clock@offset": ("localtime", "variable", "timezone", "absolute", "UTC",
                     "odd", "", None),
    "clock/timer@name": ("pit", "platform", "odd", "", None),
    "clock/timer@tickpolicy": ("delay", "merge", "discard", "none", "odd", "",
                               None),
    "clock/timer@track": ("boot", "wall", "realtime", "none", "odd"),
    "clock/timer@present": ("yes", "on", ""),
    "clock/timer@frequency": ("x", "-1", ""),
    "clock/timer@mode": ("native", "smpsafe", "none", "odd"),
    "on_poweroff": ("preserve", "rename-restart", "coredump-restart", "odd",
                    "Destroy", " destroy", ""),
    "on_reboot": ("destroy", "odd", ""),
    "on_crash": ("restart", "odd", "pause", ""),
    "on_lockfailure": ("poweroff", "default", "odd", ""),
    "pm/suspend-to-mem@enabled": ("yes", "on", "odd", "", None),
    "pm/suspend-to-disk@enabled": ("yes", "odd", None),
    "devices/disk@type": ("block", "dir", "odd", "", "none", "network", "nvme",
                          "volume", "vhostuser", None),
    "devices/disk@device": ("lun", "cdrom", "floppy", "odd", "", None),
    "devices/disk@snapshot": ("no", "external", "manual", "default", "odd", "",
                              None),
    "devices/disk/driver@name": ("odd", "", None),
    "devices/disk/driver@type": ("raw", "odd", "none", "", None),
    "devices/disk/driver@cache": ("writeback", "default", "odd", "", None),
    "devices/disk/driver@io": ("native", "io_uring", "default", "odd", ""),
    "devices/disk/driver@discard": ("ignore", "default", "odd", ""),
    "devices/disk/driver@error_policy": ("enospace", "default", "odd"),
    "devices/disk/source@file": ("", "relative", None),
    "devices/disk/source@startupPolicy": ("mandatory", "default", "odd"),
    "devices/disk/target@dev": ("sda", "", "odd", "vd", None),
    "devices/disk/target@bus": ("sata", "none", "odd", "", None),
    "devices/disk/target@tray": ("closed", "odd", ""),
    "devices/controller@type": ("odd", "", None),
    "devices/controller@index": ("x", "-1", None),
    "devices/controller@model": ("odd", "", None),
    "devices/interface@type": ("user", "odd", "", None, "direct", "ethernet"),
    "devices/interface/mac@address": ("odd", "", None, "01:54:00:12:34:56",
                                      "52-54-00-12-34-56", "525400123456"),
    "devices/interface/source@network": ("", None),
    "devices/interface/source@bridge": ("", None),
    "devices/interface/model@type": ("odd", "", "a b", None),
    "devices/interface/link@state": ("down", "odd", ""),
    "devices/serial@type": ("null", "tcp", "file", "odd", "", None),
    "devices/serial/target@port": ("x", "-1", "", None),
    "devices/console@type": ("odd", None),
    "devices/console/target@type": ("virtio", "odd", "", None),
    "devices/channel@type": ("pty", "odd", None),
    "devices/channel/target@type": ("guestfwd", "odd", "", None),
    "devices/channel/target@name": ("", None),
    "devices/input@type": ("mouse", "odd", "", None),
    "devices/input@bus": ("virtio", "ps2", "odd", "", None),
    "devices/graphics@type": ("spice", "sdl", "odd", "", None),
    "devices/graphics@port": ("5900", "0", "70000", "x", "", None),
    "devices/graphics@autoport": ("no", "odd", ""),
    "devices/graphics/listen@type": ("none", "odd", "", None),
    "devices/sound@model": ("ac97", "odd", "", None),
    "devices/video/model@type": ("qxl", "odd", "", None),
    "devices/video/model@vram": ("0", "x", "-1"),
    "devices/video/model@heads": ("2", "x"),
    "devices/video/model@primary": ("no", "odd", ""),
    "devices/watchdog@model": ("ib700", "odd", "", None),
    "devices/watchdog@action": ("poweroff", "odd", "", None),
    "devices/memballoon@model": ("none", "odd", "", None),
    "devices/memballoon/address@type": ("odd", "", None),
    "devices/memballoon/address@domain": ("0x10000", "x", "-1"),
    "devices/memballoon/address@bus": ("0x100", "x"),
    "devices/memballoon/address@slot": ("0x20", "x", "9"),
    "devices/memballoon/address@function": ("0x8", "x"),
    "devices/rng@model": ("odd", "", None),
    "devices/rng/backend@model": ("egd", "builtin", "odd", "", None),
}
# What the tool does not tell, for it depends on more than is worth it.
UNTOLD = {
    "os/type exe", "boot of exe", "clock/timer@name pit",
    "devices/controller@type None", "devices/interface/model@type a b",
    "devices/channel/target@type guestfwd", "devices/rng/backend@model egd",
    "two clocks",
}
# What is in <disks>, instead of the one above.
NETWORK = "<disk name='a' type='network'>{}</disk>"
NVME = "<disk name='a' type='nvme'>{}</disk>"
USER = "<disk name='a' type='vhostuser'>{}</disk>"
FILE = "<disk name='a' type='file'>{}</disk>"
ADDRESS = "<address bus='1' slot='0' function='0'/>"
NBD = NETWORK.format("<source protocol='nbd'>{}</source>")
ONE_DISK = tuple(NETWORK.format(source) for source in (
    "", "<source/>", "<source protocol='odd' name='x'/>",
    "<source protocol='' name='x'/>", "<source protocol='none' name='x'/>",
    "<source protocol='nbd'/>", "<source protocol='nbd' tls='odd'/>",
    "<source protocol='nbd' tls='yes'/>", "<source protocol='iscsi'/>",
    "<source protocol='iscsi' name=''/>", "<source protocol='iscsi' name='x'/>",
    "<source protocol='vxhs' name='x'/>", "<source protocol='ssh' name='x'/>",
    "<source protocol='rbd' name='x'/>", "<source protocol='rbd' name='/x'/>",
    "<source protocol='rbd' name='x/y'/>",
    "<source protocol='gluster' name='x'/>",
    "<source protocol='gluster' name='x/y'/>",
    "<source protocol='http' name='x'/>")) + tuple(
    NBD.format(host) for host in (
        "<host/>", "<host name='a'/>", "<host name='a' port='x'/>",
        "<host name='a' port='nbd'/>", "<host name='a' port='70000'/>",
        "<host name='a' port=''/>", "<host transport='odd' name='a'/>",
        "<host transport='unix'/>", "<host transport='unix' socket='/s'/>",
        "<host transport='tcp' name='a' socket='/s'/>",
        "<host name='a'/><host/>")) + tuple(
    NVME.format(source) for source in (
        "", "<source/>", "<source type='pci'/>",
        "<source type='pci' namespace='1'/>",
        f"<source type='pci' namespace='x'>{ADDRESS}</source>",
        f"<source type='odd' namespace='1'>{ADDRESS}</source>",
        f"<source type='pci' namespace='1'>{ADDRESS}</source>",
        f"<source type='pci' namespace='1' managed='odd'>{ADDRESS}</source>",
        "<source type='pci' namespace='1'><address/></source>")) + tuple(
    USER.format(source) for source in (
        "", "<source/>", "<source type='unix'/>",
        "<source type='unix' path='/s'/>",
        "<source type='odd' path='/s'/>")) + tuple(
    FILE.format(inside) for inside in (
        "<driver type='odd'/>", "<driver type=''/>",
        "<source file='/x' fdgroup='y'/>",
        "<source file='/x'><encryption format='luks'/></source>",
        "<source file='/x'><slices/></source>")) + (
    "<disk name='a' type='block'><source/></disk>",
    "<disk name='a' type='vhostvdpa'><source dev='/dev/x'/></disk>",
    "<disk name='a' type='vhostvdpa'><source/></disk>",
    "<disk name='a' type='vhostvdpa'/>")


# What is wrong by what is not there, or by what else is.
OTHERS = {
    "no vcpu": (r"    <vcpu .*?</vcpu>\n", ""),
    "timezone": (r"offset='utc'", "offset='timezone' timezone='Europe/Paris'"),
    "adjustment reset": (r"offset='utc'", "offset='utc' adjustment='reset'"),
    "adjustment -1": (r"offset='utc'", "offset='utc' adjustment='-1'"),
    "adjustment odd": (r"offset='utc'", "offset='utc' adjustment='odd'"),
    "adjustment empty": (r"offset='utc'", "offset='utc' adjustment=''"),
    "variable": (r"offset='utc'", "offset='variable' adjustment='0' "
                 "basis='localtime'"),
    "variable odd": (r"offset='utc'", "offset='variable' adjustment='odd'"),
    "basis odd": (r"offset='utc'", "offset='variable' basis='odd'"),
    "start": (r"offset='utc'", "offset='absolute' start='5'"),
    "start large": (r"offset='utc'",
                    "offset='absolute' start='9999999999999999999'"),
    "address of what is no device": (
        r"<sound", "<odd><address type='pci' bus='x'/></odd><sound"),
    "address of a function only": (
        r"<address type='pci' domain.*?function='0x0'",
        "<address type='pci' function='0x8'"),
    "boot of xen": (r"<type (.*)>hvm(.*)\n.*'hd'/>",
                    r"<type \1>xen\2<boot dev='odd'/>"),
    "bootloader": (r"<os>.*</os>", "<bootloader>/x</bootloader>"),
    "two clocks": (r"<clock offset", "<clock/><clock offset='odd'/>"
                   "<clock offset"),
    "two cpus": (r"<cpu mode", "<cpu/><cpu match='odd'/><cpu mode"),
    "start odd": (r"offset='utc'", "offset='absolute' start='x'"),
    "feature": (r"<pae/>", "<odd/>"),
    "hyperv feature": (r"<relaxed", "<odd"),
    "kvm feature": (r"<hidden", "<odd"),
    "no cpu model": (r"<model fallback.*?</model>", ""),
    "feature twice": (r"(<feature policy[^>]*>)", r"\1\1"),
    "no target": (r"<target dev='vda'[^>]*>", ""),
    "two watchdogs": (r"(<watchdog [^>]*>)", r"\1\1"),
    "two balloons": (r"(<memballoon .*?</memballoon>)", r"\1\1"),
    "no source": (r"<source network[^>]*>", ""),
    "five boot devices": (r"<boot dev='hd'/>", "<boot dev='hd'/>" * 4 +
                          "<boot dev='odd'/>"),
    "boot of exe": (r"<type (.*)>hvm(.*)\n.*'hd'/>",
                    r"<type \1>exe\2<boot dev='odd'/>"),
    "maxMemory": (r"    <vcpu", "    <maxMemory slots='4'>131072</maxMemory>"
                  "<vcpu"),
    "maxMemory slots odd": (r"    <vcpu", "<maxMemory slots='x'>131072"
                            "</maxMemory><vcpu"),
    "maxMemory odd": (r"    <vcpu", "<maxMemory slots='4'>x</maxMemory><vcpu"),
    "genid": (r"    <vcpu", "<genid/><vcpu"),
    "genid odd": (r"    <vcpu", "<genid>x</genid><vcpu"),
    "genid twice": (r"    <vcpu", "<genid/><genid/><vcpu"),
    "firmware": (r"<os>", "<os firmware='bios'>"),
    "firmware odd": (r"<os>", "<os firmware='odd'>"),
    "loader": (r"<boot ", "<loader readonly='yes' type='pflash'>/x</loader>"
               "<boot "),
    "loader readonly odd": (r"<boot ", "<loader readonly='odd' type='pflash'>"
                            "/x</loader><boot "),
    "loader type odd": (r"<boot ", "<loader type='odd'>/x</loader><boot "),
    "loader secure odd": (r"<boot ", "<loader secure='odd'>/x</loader><boot "),
    "seclabel": (r"    <devices>", "<seclabel type='none'/><devices>"),
    "seclabel odd": (r"    <devices>", "<seclabel type='odd'/><devices>"),
    "first boot sound": (r"<boot ", "<boot dev='cdrom'/><boot "),
    "on_crash twice": (r"    <on_crash>", "<on_crash>destroy</on_crash>"
                       "<on_crash>odd</on_crash><on_crash>"),
    "on_crash in a namespace": (r"    <on_crash>",
                                "<on_crash xmlns='x:y'>odd</on_crash>"
                                "<on_crash>"),
    "lower case": (r"<on_crash>[^<]*", "<on_crash>DESTROY"),
}


def with_value(path, value):
    """The text of the domain with that in the first place that has one."""
    root = ElementTree.fromstring(f"<x>{DOMAIN}</x>")
    path, _, attribute = path.partition("@")
    if not attribute:
        root.find(path).text = value
    else:
        element = next(found for found in root.iterfind(path)
                       if attribute in found.attrib)
        del element.attrib[attribute]
        if value is not None:
            element.attrib[attribute] = value
    return ElementTree.tostring(root, "unicode")[len("<x>"):-len("</x>")]


def changes():
    """Label and text of each domain, and of each <disks>."""
    yield "as it is", DOMAIN, DISKS
    for path, values in VALUES.items():
        for value in values:
            yield f"{path} {value}", with_value(path, value), DISKS
    for label, (pattern, to) in OTHERS.items():
        text, count = re.subn(pattern, to, DOMAIN, 1, re.DOTALL)
        assert count == 1, label
        yield label, text, DISKS
    for disk in ONE_DISK:
        yield disk, DOMAIN, disk


def snapshot(domain, number, text, disks):
    return f"""<domainsnapshot>
  <name>v{number}</name>
  <state>shutoff</state>
  <creationTime>1700000000</creationTime>
  <memory snapshot='no'/>
  <disks>{disks}</disks>
  <domain type='qemu'>
    <name>{domain}</name>
    <uuid>{own_uuid(domain)}</uuid>{text}  </domain>
  <active>0</active>
</domainsnapshot>
"""


def fill(domain="values"):
    """Write them all; the label of each name."""
    folder = os.path.join(BASE, domain)
    os.makedirs(folder)
    labels = {}
    for number, (label, text, disks) in enumerate(changes()):
        put(os.path.join(folder, f"v{number}.xml"),
            snapshot(domain, number, text, disks).encode())
        labels[f"v{number}".encode()] = label
    return labels


def any_change(chance, texts):
    """The domain with one thing of it changed, whatever that is."""
    root = ElementTree.fromstring(f"<x>{DOMAIN}</x>")
    places = [(child, parent) for parent in root.iter() for child in parent]
    element, parent = chance.choice(places)
    names = sorted(element.attrib) or ["type"]
    what = chance.randrange(6)
    if what == 0:
        parent.remove(element)
    elif what == 1:
        parent.append(ElementTree.fromstring(ElementTree.tostring(element)))
    elif what == 2:
        element.attrib.pop(chance.choice(names), None)
    elif what == 3 and not len(element):
        element.text = chance.choice(texts)
    elif what == 4:
        copy = ElementTree.fromstring(ElementTree.tostring(element))
        copy.attrib[chance.choice(names)] = chance.choice(texts)
        parent.insert(chance.randrange(len(parent) + 1), copy)
    else:
        element.attrib[chance.choice(names)] = chance.choice(texts)
    return ElementTree.tostring(root, "unicode")[len("<x>"):-len("</x>")]


def fill_any(seed, count, domain="values.any"):
    """Changed at random; of these only the errors can be held against libvirt.
    The text of each name."""
    chance = random.Random(seed)
    texts = sorted({value for values in VALUES.values() for value in values
                    if value is not None})
    folder = os.path.join(BASE, domain)
    os.makedirs(folder)
    written = {}
    for number in range(count):
        text = any_change(chance, texts)
        put(os.path.join(folder, f"v{number}.xml"),
            snapshot(domain, number, text, DISKS).encode())
        written[f"v{number}".encode()] = text
    return written
