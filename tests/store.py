#!/usr/bin/env python3
"""Write a snapshot directory of any size, as libvirt would have written it.

    tests/store.py DIR --kind=external --topology=tree --snapshots=4000

The documents are made from those in stores/real-libvirt-9.0.0.tar.xz. They
grow by further disks and interfaces, so they stay valid under libvirt's own
schema, and a domain of them is as sound as one that libvirt wrote. The kinds
differ in what is embedded as <domain>:

    internal  the same bytes in each snapshot of a domain
    external  source paths differ, as overlay is put on overlay
    drifting  memory, processors, metadata and interfaces differ as well

Nothing is left to chance: the same arguments give the same bytes.
"""
import argparse
import functools
import os
import sys
import tarfile
import uuid

from support import HERE

KINDS = ("internal", "external", "drifting")
TOPOLOGIES = ("chain", "wide", "tree")
STATES = ("shutoff", "running")
LAYOUTS = ("legacy", "bulk")
LARGEST = {"legacy": 1 << 20, "bulk": 4 << 20}
FIRST_TIME = 1700000000
MINUTE = 60
# Stands in a template where the name of an overlay goes.
OVERLAY = "\0"


def parent_of(topology, number):
    """The parent's number; snapshots count from 0, the root has None."""
    if not number:
        return None
    return {"chain": number - 1, "wide": 0, "tree": (number - 1) // 4}[topology]


@functools.cache
def real(name):
    """A document that libvirt wrote for the domain foo."""
    with tarfile.open(os.path.join(HERE, "stores",
                                   "real-libvirt-9.0.0.tar.xz")) as tar:
        member = f"real-libvirt-9.0.0/snapshot/foo/{name}.xml"
        return tar.extractfile(member).read().decode()


def element(text, name):
    """The lines of an element that stands in the document's first level."""
    start = text.index(f"  <{name}")
    end = f"  </{name}>\n"
    return text[start:text.index(end, start) + len(end)]


def letters(number):
    """0 is a, 25 is z, 26 is aa: libvirt's way to count disks."""
    text = ""
    number += 1
    while number:
        number, digit = divmod(number - 1, 26)
        text = chr(ord("a") + digit) + text
    return text


def backing(path, levels):
    """The chain that an overlay stands on, down to the first image."""
    if not levels:
        return ""
    text = []
    for level in range(levels):
        indent = " " * (8 + 2 * level)
        text.append(f"{indent}<backingStore type='file'>\n"
                    f"{indent}  <format type='qcow2'/>\n"
                    f"{indent}  <source file='{path}.{levels - level}'/>\n")
    text.append(" " * (8 + 2 * levels) + "<backingStore/>\n")
    for level in reversed(range(levels)):
        text.append(" " * (8 + 2 * level) + "</backingStore>\n")
    return "".join(text)


def disk(domain, number, levels):
    """A disk of the one controller for SCSI."""
    name = f"sd{letters(number)}"
    path = f"/srv/vm/{domain}-{name}"
    target, unit = number % 100, number // 100
    return (f"      <disk type='file' device='disk'>\n"
            f"        <driver name='qemu' type='qcow2'/>\n"
            f"        <source file='{path}.{OVERLAY}'/>\n"
            f"{backing(path, levels)}"
            f"        <target dev='{name}' bus='scsi'/>\n"
            f"        <address type='drive' controller='0' bus='0' "
            f"target='{target}' unit='{unit}'/>\n"
            f"      </disk>\n")


def interface(slot, mac):
    return (f"      <interface type='network'>\n"
            f"        <mac address='52:54:00:{mac >> 16 & 255:02x}:"
            f"{mac >> 8 & 255:02x}:{mac & 255:02x}'/>\n"
            f"        <source network='default'/>\n"
            f"        <model type='virtio'/>\n"
            f"        <address type='pci' domain='0x0000' bus='0x00' "
            f"slot='0x{slot:02x}' function='0x0'/>\n"
            f"      </interface>\n")


SCSI = ("      <controller type='scsi' index='0' model='virtio-scsi'>\n"
        "        <address type='pci' domain='0x0000' bus='0x00' "
        "slot='0x04' function='0x0'/>\n"
        "      </controller>\n")
METADATA = ("    <metadata>\n"
            "      <note:note xmlns:note=\"http://example.org/xmlns/note/1\">\n"
            "        <note:text>before change {}</note:text>\n"
            "      </note:note>\n"
            "    </metadata>\n")


class Domain:
    """The documents of one domain, by number."""

    def __init__(self, number, options):
        self.name = f"vm{number}"
        self.uuid = str(uuid.uuid5(uuid.NAMESPACE_URL,
                                   f"http://example.org/{self.name}"))
        self.options = options
        self.number = number
        self.sample = real("running1" if options.state == "running" else "base")
        self.comment = self.sample[:self.sample.index("<domainsnapshot>")]
        self.extra = self.levels = 0
        self.grow()

    def largest(self):
        """Bytes of the largest: the last ones, as numbers only grow."""
        count = self.options.snapshots
        return max(len(self.legacy(number))
                   for number in {0, *range(max(count - 3, 0), count)})

    def grow(self):
        """As many disks as the size that was asked for has room for."""
        # It is chains of overlays that make real documents large.
        self.levels = min(self.options.size // 8192, 40)
        one = disk(self.name, 0, self.levels)
        low, high = 0, self.options.size // len(one)
        while low < high:
            self.extra = (low + high + 1) // 2
            self.lay_out()
            if self.largest() <= self.options.size:
                low = self.extra
            else:
                high = self.extra - 1
        self.extra = low
        self.lay_out()

    def lay_out(self):
        """Everything that stays the same from snapshot to snapshot."""
        self.domain = self.embedded("domain")
        self.tail = b""
        if self.options.state == "running":
            self.domain += self.embedded("inactiveDomain")
            self.tail = element(self.sample, "cookie").encode()
        if self.options.kind != "drifting":
            self.domain = self.domain.encode()
        self.names = ["vda"] + ["sd" + letters(i) for i in range(self.extra)]
        if self.options.kind == "external":
            self.disks = "".join(
                f"    <disk name='{name}' snapshot='external' type='file'>\n"
                f"      <driver type='qcow2'/>\n"
                f"      <source file='/srv/vm/{self.name}-{name}.{OVERLAY}'/>\n"
                f"    </disk>\n" for name in self.names)
        else:
            self.disks = "".join(f"    <disk name='{name}' "
                                 f"snapshot='internal'/>\n"
                                 for name in self.names)
        self.disks = self.disks.encode()
        if self.options.kind != "external":
            fixed = "qcow2" if isinstance(self.domain, str) else b"qcow2"
            mark = OVERLAY if isinstance(self.domain, str) else b"\0"
            self.domain = self.domain.replace(mark, fixed)

    def embedded(self, name):
        text = element(self.sample, name)
        text = text.replace("<name>foo<", f"<name>{self.name}<")
        start = text.index("<uuid>") + len("<uuid>")
        text = text[:start] + self.uuid + text[text.index("</uuid>"):]
        text = text.replace("/srv/vm/foo.qcow2",
                            f"/srv/vm/{self.name}-vda.{OVERLAY}")
        if name == "domain" and self.options.state == "running" and \
                self.options.kind == "external":
            vda = "        <target dev='vda'"
            text = text.replace(vda, backing(f"/srv/vm/{self.name}-vda", 1) +
                                vda)
        more = "".join(disk(self.name, i, self.levels)
                       for i in range(self.extra))
        at = text.index("      </disk>\n") + len("      </disk>\n")
        text = text[:at] + more + text[at:]
        mouse = "      <input type='mouse'"
        cards = interface(5, self.number) + interface(6, self.number + 32768)
        return text.replace(mouse, (SCSI if self.extra else "") + cards + mouse)

    def drifted(self, number):
        """The embedded domains, with what an administrator has changed."""
        memory = 16384 + 1024 * number
        text = self.domain.replace(">16384<", f">{memory}<")
        text = text.replace(">1</vcpu>", f">{number % 240 + 1}</vcpu>")
        end = "</uuid>\n"
        text = text.replace(end, end + METADATA.format(number))
        mouse = "      <input type='mouse'"
        cards = "".join(
            interface(7 + i, (1 << 23) + (number * 3 + i) % (1 << 22))
            for i in range(number % 3 + 1))
        return text.replace(mouse, cards + mouse).encode()

    def snapshot(self, number):
        """All but comment, root element and <active>."""
        parent = parent_of(self.options.topology, number)
        name = f"s{number + 1}".encode()
        time = FIRST_TIME + number * MINUTE
        kind, running = self.options.kind, self.options.state == "running"
        if parent is None:
            overlay, parent_text = b"qcow2", b""
        else:
            # Reverting to a snapshot gives new overlays, named after the time.
            overlay = (b"s%d" % (parent + 1) if parent == number - 1 else
                       b"%d" % (time - MINUTE // 2))
            parent_text = (b"  <parent>\n    <name>s%d</name>\n"
                           b"  </parent>\n" % (parent + 1))
        memory = b"<memory snapshot='no'/>"
        if running:
            memory = b"<memory snapshot='internal'/>"
        if running and kind == "external":
            memory = (b"<memory snapshot='external' file='/srv/vm/%s.%s.save'/>"
                      % (self.name.encode(), name))
        if kind == "drifting":
            domain = self.drifted(number)
        else:
            domain = self.domain.replace(b"\0", overlay)
        return b"".join((
            b"  <name>", name, b"</name>\n  <state>",
            self.options.state.encode(), b"</state>\n", parent_text,
            b"  <creationTime>%d</creationTime>\n  " % time, memory,
            b"\n  <disks>\n", self.disks.replace(b"\0", name),
            b"  </disks>\n", domain, self.tail))

    def legacy(self, number):
        active = number == self.options.snapshots - 1
        return b"".join((
            self.comment.encode(), b"<domainsnapshot>\n",
            self.snapshot(number), b"  <active>%d</active>\n" % active,
            b"</domainsnapshot>\n"))

    def in_bulk(self, number):
        text = self.snapshot(number)[:-1].replace(b"\n", b"\n  ")
        return (b"  <domainsnapshot>\n  " + text +
                b"\n  </domainsnapshot>\n")


def put(path, chunks):
    """Mode 0600 whatever the umask: libvirt's own."""
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(fd, "wb", buffering=1 << 20) as file:
        for chunk in chunks:
            file.write(chunk)


def write_store(base, **given):
    """Write a store below BASE, which is made; the bytes that are in it."""
    options = argparse.Namespace(**{
        "kind": "internal", "topology": "chain", "domains": 1,
        "snapshots": 100, "size": 10240, "layout": "legacy",
        "state": "shutoff", **given})
    if options.size > LARGEST[options.layout]:
        raise ValueError(f"libvirt reads at most {LARGEST[options.layout]} "
                         "bytes")
    os.makedirs(base, exist_ok=True)
    total = 0
    for number in range(1, options.domains + 1):
        domain = Domain(number, options)
        where = os.path.join(base, domain.name)
        if options.layout == "bulk":
            put(where + ".xml", bulk_file(domain))
            total += os.path.getsize(where + ".xml")
            continue
        os.mkdir(where, 0o755)
        for i in range(options.snapshots):
            text = domain.legacy(i)
            total += len(text)
            put(os.path.join(where, f"s{i + 1}.xml"), (text,))
    return total


def bulk_file(domain):
    yield domain.comment.encode()
    yield b"<snapshots current='s%d'>\n" % domain.options.snapshots
    # By time of creation, which puts a parent before its children.
    for number in range(domain.options.snapshots):
        yield domain.in_bulk(number)
    yield b"</snapshots>\n"


def main():
    parser = argparse.ArgumentParser(
        description="Write a snapshot directory as libvirt would.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("base", metavar="DIR", help="made if it is missing")
    parser.add_argument("--kind", choices=KINDS, default="internal",
                        help="what differs in the <domain> of snapshots: "
                        "nothing, source paths, or much")
    parser.add_argument("--topology", choices=TOPOLOGIES, default="chain",
                        help="who is whose parent")
    parser.add_argument("--layout", choices=LAYOUTS, default="legacy",
                        help="directories, or bulk files")
    parser.add_argument("--state", choices=STATES, default="shutoff",
                        help="of the domain in each snapshot")
    parser.add_argument("--domains", type=int, default=1, metavar="N",
                        help="how many")
    parser.add_argument("--snapshots", type=int, default=100, metavar="N",
                        help="of each domain")
    parser.add_argument("--size", type=int, default=10240, metavar="BYTES",
                        help="of each snapshot, at most, but never less than "
                        "the document that it is made from")
    options = vars(parser.parse_args())
    try:
        total = write_store(options.pop("base"), **options)
    except (OSError, ValueError) as error:
        sys.exit(f"store.py: {error}")
    print(f"{total} bytes")


if __name__ == "__main__":
    main()
