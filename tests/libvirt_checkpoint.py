"""Checkpoints, as a real libvirt sees them: damaged in every way, beside what
virt-snapshot-verify foresees; redefined with the commands that it prints; and
put back where libvirt lost them.

libvirt holds a checkpoint against its own schema when it reads it. So does the
tool where it is told --schema=libvirt, and only then it knows all that hides
one.
"""
import ctypes
import os
import re
import shutil

import libvirt_daemon
from libvirt_damage import (adopt, change, define, edit, filled, nested, put,
                            read, removed, renamed, same)
from libvirt_forecast import Counts, Forecast, listed, plain
from libvirt_daemon import needed, virsh
from support import VERIFY, run

CHECKPOINTS = "/var/lib/libvirt/qemu/checkpoint"
ROOTS = 1       # VIR_DOMAIN_CHECKPOINT_LIST_ROOTS
KIND = "--kind=checkpoint"
NAMES = ("c1", "c2", "c3", "c4")
ENTITY = b'<!DOCTYPE domaincheckpoint [<!ENTITY e "c9">]>\n'


def name(to):
    return edit("c4.xml", rb"<name>c4<", b"<name>" + to + b"<")


def time(to):
    return edit("c2.xml", rb"<creationTime>.*?<",
                b"<creationTime>" + to + b"<")


def disk(pattern, to):
    return edit("c3.xml", pattern, to)


def last(to):
    """Something more in c3."""
    return edit("c3.xml", rb"</domaincheckpoint>", to + b"</domaincheckpoint>")


def definition(pattern, to=b""):
    return edit("c3.xml", pattern, to)


def root(old, new):
    return change("c4.xml", lambda text: text.replace(
        b"<domaincheckpoint>", b"<" + new + b">").replace(
        b"</domaincheckpoint", b"</" + old))


def other_name(text):
    return text.replace(b"<name>c4", b"<name>c5")


# c1 has the child c2, and so on to c4.
DAMAGES = {
    "nothing": lambda folder: None,
    "no name": edit("c2.xml", rb"  <name>c2</name>\n", b""),
    "empty name": edit("c2.xml", rb"<name>c2<", b"<name><"),
    "name with a blank": name(b"c 4"),
    "name with a slash": name(b"../c4"),
    "name with a dot": name(b".c4"),
    "name with an accent": name("c\u00e9".encode()),
    "name with a plus": name(b"c+4"),
    "name after a blank": name(b" c4"),
    "name and a line": name(b"c4\n"),
    "name and a return": name(b"c&#13;4"),
    "name of letters": name(b"-C_4.x"),
    "long name": name(b"x" * 300),
    "two names": edit("c4.xml", rb"<name>c4</name>",
                      b"<name>c4</name><name>c5</name>"),
    "parent with a slash": edit("c4.xml", rb"<name>c3<", b"<name>a/b<"),
    "empty name of a parent": edit("c4.xml", rb"<name>c3<", b"<name><"),
    "empty parent": edit("c4.xml", rb"<parent>.*?</parent>", b"<parent/>"),
    "parent missing": removed("c1.xml"),
    "parent missing further down": removed("c2.xml"),
    "cycle": edit("c1.xml", rb"  <creationTime>",
                  b"  <parent><name>c2</name></parent>\n  <creationTime>"),
    "cycle of all": edit("c1.xml", rb"  <creationTime>",
                         b"  <parent><name>c4</name></parent>\n"
                         b"  <creationTime>"),
    "own parent": edit("c3.xml", rb"<name>c2<", b"<name>c3<"),
    "two leaves": edit("c4.xml", rb"<name>c3<", b"<name>c2<"),
    "two roots": edit("c3.xml", rb"  <parent>.*?</parent>\n", b""),
    "name twice": change("c4.xml", same, "copy.xml"),
    "no time": edit("c2.xml", rb"  <creationTime>.*?\n", b""),
    "time of letters": time(b"x"),
    "time negative": time(b"-1"),
    "time with a plus": time(b"+1"),
    "time after a blank": time(b" 1"),
    "time and a blank": time(b"1 "),
    "time and a fraction": time(b"1.5"),
    "time 0": time(b"0"),
    "time 007": time(b"007"),
    "greatest time": time(b"9223372036854775807"),
    "time too great": time(b"9223372036854775808"),
    "time far too great": time(b"18446744073709551616"),
    "a snapshot": root(b"domainsnapshot", b"domainsnapshot"),
    "root with a prefix": root(b"p:domaincheckpoint",
                               b"p:domaincheckpoint xmlns:p='urn:p'"),
    "root in a namespace": root(b"domaincheckpoint",
                                b"domaincheckpoint xmlns='urn:p'"),
    "root with an attribute": root(b"domaincheckpoint",
                                   b"domaincheckpoint a='b'"),
    "no domain": definition(rb"  <domain type.*?</domain>\n"),
    "domain of a uuid": definition(
        rb"<domain type.*?</domain>",
        b"<domain><uuid>01234567-0000-0000-0000-000000000000</uuid></domain>"),
    "domain without type": definition(rb"<domain type='qemu'", b"<domain"),
    "domain of an odd type": definition(rb"<domain type='qemu'",
                                        b"<domain type='odd'"),
    "domain without os": definition(rb"    <os>.*?</os>\n"),
    "domain without memory": definition(rb"    <memory.*?</memory>\n"),
    "domain without name": definition(rb"    <name>chain</name>\n"),
    "domain without uuid": definition(rb"    <uuid>.*?</uuid>\n"),
    "domain of no uuid": definition(rb"<uuid>.*?</uuid>", b"<uuid>z</uuid>"),
    "domain of another uuid": definition(rb"<uuid>........",
                                         b"<uuid>01234567"),
    "domain of another name": definition(rb"<name>chain<", b"<name>other<"),
    "domain with an element": definition(rb"    <os>", b"    <odd/>\n    <os>"),
    "domain with a device": definition(rb"<devices>", b"<devices><odd/>"),
    "domain of letters": definition(rb"<vcpu.*?</vcpu>", b"<vcpu>x</vcpu>"),
    "domain with notes": definition(
        rb"    <os>",
        b"    <metadata><x:y xmlns:x='urn:z'>t</x:y></metadata>\n    <os>"),
    "domain of two lines": definition(
        rb"    <os>", b"    <title>a\nb</title>\n    <os>"),
    "two domains": definition(rb"  <domain type", b"  <domain/><domain type"),
    "inactive domain": last(b"<inactiveDomain/>"),
    "active": last(b"<active>1</active>"),
    "state": last(b"<state>running</state>"),
    "memory": last(b"<memory snapshot='no'/>"),
    "unknown element": last(b"<odd/>"),
    "text": last(b"text"),
    "comment": last(b"<!-- text -->"),
    "element in a namespace": last(b"<x:y xmlns:x='urn:z'/>"),
    "two descriptions": last(b"<description/><description/>"),
    "no disks": disk(rb"  <disks>.*?</disks>\n", b""),
    "empty disks": disk(rb"<disks>.*?</disks>", b"<disks/>"),
    "disk without name": disk(rb"<disk name='vda'", b"<disk"),
    "disk of another name": disk(rb"<disk name='vda'", b"<disc name='vda'"),
    "disk of two kinds": disk(rb"checkpoint='bitmap'", b"checkpoint='odd'"),
    "disk by default": disk(rb"checkpoint='bitmap'", b"checkpoint='default'"),
    "disk left out": disk(rb"checkpoint='bitmap'", b"checkpoint='no'"),
    "bitmap of another": disk(rb"bitmap='c3'", b"bitmap='other'"),
    "no bitmap": disk(rb" bitmap='c3'", b""),
    "empty bitmap": disk(rb"bitmap='c3'", b"bitmap=''"),
    "size": disk(rb"bitmap='c3'", b"bitmap='c3' size='12'"),
    "odd size": disk(rb"bitmap='c3'", b"bitmap='c3' size='x'"),
    "size with a plus": disk(rb"bitmap='c3'", b"bitmap='c3' size='+1'"),
    "no kind of disk": disk(rb" checkpoint='bitmap'", b""),
    "disk that is not there": disk(rb"<disk name='vda'", b"<disk name='vdz'"),
    "disk of an odd name": disk(rb"<disk name='vda'", b"<disk name='odd name'"),
    "disk of a path": disk(rb"<disk name='vda'", b"<disk name='/var/x'"),
    "disk of a path's end": disk(rb"<disk name='vda'", b"<disk name='var/x'"),
    "disk twice": disk(rb"<disk name='vda'",
                       b"<disk name='vda' checkpoint='no'/><disk name='vda'"),
    "disk with an attribute": disk(rb"<disk name", b"<disk a='b' name"),
    "disk with a source": disk(
        rb"<disk name='vda'.*?/>",
        b"<disk name='vda'><source file='/x'/></disk>"),
    "just fits": change("c1.xml", filled(1048576)),
    "too big": change("c1.xml", filled(1048577)),
    "257 deep": change("c3.xml", nested(257)),
    "258 deep": change("c3.xml", nested(258)),
    "DOCTYPE": edit("c3.xml", rb"<domaincheckpoint>",
                    ENTITY + b"<domaincheckpoint>"),
    "another's new": change("c4.xml", other_name, "c5.xml.new"),
    "stale new": change("c4.xml", same, "c4.xml.new"),
    "only new": renamed("c4.xml", "c4.xml.new"),
    "editor's copy": change("c4.xml", other_name, "c5.xml~"),
    "dot file": change("c4.xml", other_name, ".c5"),
    "file name differs": renamed("c4.xml", "other.xml"),
    "link": removed("c4.xml", lambda path: os.symlink("c3.xml", path)),
    "directory instead": removed("c4.xml", os.mkdir),
    "byte order mark": change("c3.xml", lambda old: b"\xef\xbb\xbf" + old),
    "carriage returns": change("c3.xml", lambda old: old.replace(
        b"\n", b"\r\n")),
    "UTF-16": change("c3.xml", lambda old: old.decode().encode("utf-16")),
    "Latin-1": last(b"<description>\xe9</description>"),
    "behind a NUL": change("c3.xml", lambda old: old + b"\0<"),
    "cut": change("c3.xml", lambda old: old[:1000]),
    "empty file": change("c3.xml", lambda old: b""),
    "notes": lambda folder: put(folder + "/README", b"do not touch\n"),
    "file beside": lambda folder: put(folder + ".xml", b"<snapshots/>\n"),
}
# Of c1, which libvirt shows and may refuse to redefine.
VDB = rb"(<target dev='vdb'[^>]*/>)"
SAME_TWICE = b"<disks><disk name='vda' checkpoint='no'/>"
DISKS = {
    "as it is": (rb"$^", b""),
    "not there": (rb"<disk name='vdb'", b"<disk name='vdz'"),
    "twice": (rb"<disks>", SAME_TWICE),
    "once": (rb"<disks>.*?</disks>", SAME_TWICE + b"</disks>"),
    "a path": (rb"<disk name='vda'", b"<disk name='PATH'"),
    "another path": (rb"<disk name='vda'", b"<disk name='/x'"),
    "no devices": (rb"    <disk type.*?</disk>\n", b""),
    "no devices, none named": (
        rb"<disks>.*?</disks>|    <disk type.*?</disk>\n", b""),
    "none named": (rb"<disks>.*?</disks>", b""),
    "no domain": (rb"<domain type.*?</domain>", b""),
    "no domain, not there": (rb"vdb'(.*?)<domain type.*?</domain>",
                             rb"vdz'\1"),
    "read-only": (VDB, rb"\1<readonly/>"),
    "a cdrom": (rb"device='disk'", b"device='cdrom'"),
    "empty": (rb"<source file=.*?/>", b""),
}
# What only libvirt's own schema knows: all of it is in the <domain>.
BEYOND = ("domain with an element", "domain with a device")


class Checkpoints(libvirt_daemon.Library):
    """What libvirt's API says of checkpoints, byte for byte."""

    def __init__(self):
        super().__init__()
        pointer, text = ctypes.c_void_p, ctypes.c_char_p
        for function, result, *arguments in (
                ("ListAllCheckpoints", ctypes.c_int, pointer,
                 ctypes.POINTER(ctypes.POINTER(pointer)), ctypes.c_uint),
                ("CheckpointGetName", text, pointer),
                ("CheckpointGetParent", pointer, pointer, ctypes.c_uint)):
            entry = getattr(self.library, "virDomain" + function)
            entry.restype, entry.argtypes = result, arguments

    def name(self, snapshot):
        return snapshot and self.library.virDomainCheckpointGetName(snapshot)

    def snapshots(self, domain, flags=0):
        found = ctypes.POINTER(ctypes.c_void_p)()
        count = self.library.virDomainListAllCheckpoints(
            domain, ctypes.byref(found), flags)
        return found[:max(count, 0)]

    def domain(self, name):
        """The parent of each checkpoint; or None. Which one is current the
        API does not say."""
        domain = self.library.virDomainLookupByName(self.connection, name)
        if not domain:
            return None
        roots = {self.name(one) for one in self.snapshots(domain, ROOTS)}
        return {self.name(one): (None if self.name(one) in roots else self.name(
            self.library.virDomainCheckpointGetParent(one, 0)), None)
            for one in self.snapshots(domain)}


class Foreseen(Forecast):
    """Checkpoints have no state, by which the other tells what was not read."""

    def __init__(self, domain):
        for checkpoint in domain["snapshots"]:
            if "created" in checkpoint:
                checkpoint["state"] = "none"
        super().__init__(domain)
        self.current = None


def make(scene):
    """A domain with four checkpoints, one after the other."""
    scene.define("chain", 2)
    needed("start", "chain")
    for checkpoint in NAMES:
        needed("checkpoint-create-as", "chain", checkpoint,
               f"--description= of  {checkpoint}\n")
    needed("destroy", "chain")


def compare(tally, report, counts, skip=()):
    """Hold what is foreseen against what libvirt shows."""
    with Checkpoints() as library:
        for domain in report["domains"]:
            label = os.fsdecode(plain(domain["name"]))
            if label.partition(".")[2] in skip:
                continue
            foreseen = Foreseen(domain)
            answer = library.domain(plain(domain["name"]))
            if not tally.check(answer is not None,
                               f"libvirtd does not know {label}"):
                continue
            differs = foreseen.differs(answer, None)
            tally.check(not differs, f"checkpoints of {label}: {differs}")
            counts.add(foreseen)


def parents(domain):
    with Checkpoints() as library:
        return library.domain(os.fsencode(domain))


def redefine(tally, copy):
    """A libvirt that has forgotten all takes them by the printed commands."""
    before = parents("chain")
    files = {entry: read(f"{copy}/chain/{entry}")
             for entry in os.listdir(copy + "/chain")}
    for checkpoint in reversed(NAMES):
        needed("checkpoint-delete", "chain", checkpoint, "--metadata")
    tally.check(parents("chain") == {}, "the checkpoints are forgotten")
    script = run(VERIFY, KIND, "--format=sh", "--domain=chain", copy).stdout
    result = run("sh", "-ex", data=script)
    tally.check(result.returncode == 0 and
                result.stderr.count(b"+ virsh ") == len(NAMES),
                "redefined by the script", result)
    tally.check(parents("chain") == before, "redefined", parents("chain"))
    for entry, content in files.items():
        tally.check(read(f"{CHECKPOINTS}/chain/{entry}") == content,
                    f"redefined: {entry}")


def refused(tally, copy, scratch):
    """Those that are left out of the order are those that libvirt refuses."""
    whole = read(f"{copy}/chain/c1.xml")
    path = re.search(rb"<source file='(.*?)'", whole).group(1)
    folder = scratch + "/disks/chain"
    os.makedirs(folder)
    for checkpoint in reversed(NAMES):
        needed("checkpoint-delete", "chain", checkpoint, "--metadata")
    for label, (pattern, to) in DISKS.items():
        put(folder + "/c1.xml", re.sub(pattern, to, whole, flags=re.S).replace(
            b"'PATH'", b"'" + path + b"'"))
        script = run(VERIFY, KIND, "--format=sh", scratch + "/disks").stdout
        status, _, error = virsh("checkpoint-create", "chain",
                                 folder + "/c1.xml", "--redefine")
        tally.check((status == 0) == (b"\nvirsh " in script) and
                    (status == 0) != (b"\n# not 'c1': its disks" in script),
                    f"disks: {label}", (status, error, script))
        if status == 0:
            needed("checkpoint-delete", "chain", "c1", "--metadata")
    for checkpoint in NAMES:
        needed("checkpoint-create", "chain", f"{copy}/chain/{checkpoint}.xml",
               "--redefine")


def misplaced(tally, daemon, domain):
    """The command that is printed makes libvirt see them again."""
    tally.check(parents(domain) == {}, f"{domain} has lost its checkpoints",
                parents(domain))
    daemon.stop()
    script = run(VERIFY, "--format=sh", "--domain=" + domain).stdout
    result = run("sh", "-ex", data=script)
    tally.check(result.returncode == 0 and
                result.stderr.count(b"+ mv ") == 1, "put back by the script",
                result)
    result = run(VERIFY, KIND, "--strict", "--domain=" + domain)
    tally.check(result.returncode == 0, "put back", result.stdout)
    daemon.start()
    tally.check(parents(domain) == {b"c1": (None, None)},
                f"{domain} has its checkpoints again", parents(domain))


def next_parent(name):
    """The parent of a checkpoint that is made now."""
    needed("start", "chain")
    needed("checkpoint-create-as", "chain", name)
    needed("destroy", "chain")
    return parents("chain")[name.encode()][0]


def current(tally, daemon):
    """What is foreseen to be the current one is the parent of the next."""
    for checkpoint, damage in (
            ("c5", lambda folder: None),
            ("c6", edit("c5.xml", rb"<name>c4<", b"<name>c2<")),
            ("c7", lambda folder: None)):
        daemon.stop()
        damage(CHECKPOINTS + "/chain")
        [domain] = listed(KIND, "--domain=chain")["domains"]
        daemon.start()
        expected = domain.get("current")
        tally.check((expected is None) == domain["current_forgotten"],
                    "none is current", domain)
        found = next_parent(checkpoint)
        tally.check(found == (expected and expected.encode()),
                    f"{checkpoint} is below {found}, current was {expected}")


def damaged(tally, daemon, source, counts):
    """Each damage, as it is foreseen; with libvirt's schema and without."""
    daemon.stop()
    for label, damage in DAMAGES.items():
        folder = f"{CHECKPOINTS}/checkpoint.{label}"
        shutil.copytree(source, folder)
        damage(folder)
        adopt(folder.encode())
    define(f"checkpoint.{label}".encode() for label in DAMAGES)
    report = listed(KIND)
    whole = listed(KIND, "--schema=libvirt")
    daemon.start()
    compare(tally, whole, counts)
    compare(tally, report, counts, BEYOND)
    daemon.stop()
    for label in DAMAGES:
        shutil.rmtree(f"{CHECKPOINTS}/checkpoint.{label}")
        path = f"{CHECKPOINTS}/checkpoint.{label}.xml"
        if os.path.exists(path):
            os.unlink(path)
    daemon.start()


def check(tally, daemon, scene, scratch):
    """All of it; DAEMON runs, before and after. How much was compared."""
    counts = Counts()
    make(scene)
    copy = scratch + "/checkpoints"
    shutil.copytree(CHECKPOINTS, copy)
    misplaced(tally, daemon, "checked 2")
    redefine(tally, copy)
    refused(tally, copy, scratch)
    damaged(tally, daemon, copy + "/chain", counts)
    current(tally, daemon)
    return counts
