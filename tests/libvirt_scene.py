"""Domains with snapshots of every kind, made by the libvirtd that runs.

The guests boot an empty disk with software emulation: nothing is installed in
them, and 16 MiB are enough.
"""
import os
import subprocess
from xml.sax.saxutils import escape

from libvirt_daemon import IMAGES, needed, virsh, write

METADATA = """  <metadata>
    <t:notes xmlns:t="http://example.org/notes">mixed <t:b>text</t:b>
  and a second line
      <t:raw><![CDATA[ <domainsnapshot> <active>1</active>
  ]]]]><![CDATA[> ]]></t:raw><!-- a
      comment --><?odd  instruction
   here ?>
      <domainsnapshot xmlns=""><name>decoy</name><active>1</active>
        <snapshots current='decoy'/></domainsnapshot>
      <t:kept xml:space="preserve">
          <t:b/>
      </t:kept>
    </t:notes>
  </metadata>
"""
# As names of snapshots: XML text, of which libvirt makes file names.
ODD_NAMES = ("two words", "  ", "it's \"quoted\"", "&lt;b&gt; &amp; co",
             "--help", "tab&#9;bed", "line&#10;break", "x.xml.new", "Case",
             "case", "\u202eright to left", "e\u0301", "\u00e9", "100%s",
             "n" * 247)
DESCRIPTIONS = ("  leading\n\n\ttabs, and a blank line at the end\n  ", "\n",
                "two\nlines", "]]&gt; &amp;#10; &lt;active&gt;1&lt;/active&gt;")


def machine(name, disks, extra=""):
    """The definition of a domain. Its password is part of its snapshots."""
    devices = "".join(
        f"    <disk type='file' device='disk'>\n"
        f"      <driver name='qemu' type='qcow2'/>\n"
        f"      <source file='{escape(disk)}'/>\n"
        f"      <target dev='vd{'abc'[index]}'/>\n    </disk>\n"
        for index, disk in enumerate(disks))
    return f"""<domain type='qemu'>
  <name>{escape(name)}</name>
{extra}  <memory unit='MiB'>16</memory>
  <os><type arch='x86_64' machine='pc'>hvm</type></os>
  <devices>
{devices}    <graphics type='vnc' passwd='s3cr3t&amp;&lt;'>
      <listen type='socket' socket='{disks[0]}.vnc'/>
    </graphics>
    <video><model type='vga'/></video>
  </devices>
</domain>
"""


class Scene:
    """What was made: names of domains, and how to make more snapshots."""

    def __init__(self):
        self.domains = []
        self.files = 0

    def file(self, text):
        """A new file of this text, for virsh."""
        self.files += 1
        path = f"{IMAGES}/{self.files}.xml"
        write(path, text)
        return path

    def define(self, name, disks=1, extra=""):
        number = len(self.domains)
        paths = [f"{IMAGES}/{number}-{disk}.qcow2" for disk in range(disks)]
        for path in paths:
            subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", path,
                            "4M"], check=True)
        needed("define", self.file(machine(name, paths, extra)))
        self.domains.append(name)
        return paths

    def take(self, domain, name, *words):
        needed("snapshot-create-as", f"--domain={domain}", f"--name={name}",
               *words)

    def take_xml(self, domain, name, *words, description=""):
        """NAME is XML text; so is DESCRIPTION."""
        if description:
            description = f"<description>{description}</description>"
        needed("snapshot-create", f"--domain={domain}",
               self.file(f"<domainsnapshot><name>{name}</name>{description}"
                         "</domainsnapshot>"), *words)

    def external(self, domain, name, memory):
        """A snapshot of a running guest, its memory in a file of its own."""
        if memory:
            path = f"{IMAGES}/{self.domains.index(domain)}-{name}.memory"
            self.take(domain, name, f"--memspec={path},snapshot=external")
        else:
            self.take(domain, name, "--disk-only")


def internal(scene):
    """Offline and running, branches, a paused one; and one that is paused."""
    scene.define("web", extra="  <title>A web server</title>\n")
    scene.take("web", "off1", "--description=before the upgrade")
    needed("start", "web")
    scene.take("web", "run1")
    scene.take("web", "run2")
    needed("suspend", "web")
    scene.take("web", "paused")
    needed("snapshot-revert", "web", "run1")
    scene.take("web", "branch")
    needed("destroy", "web")
    needed("snapshot-revert", "web", "off1")
    scene.take("web", "off2")
    needed("snapshot-revert", "web", "off1")
    scene.take("web", "off3")
    needed("snapshot-revert", "web", "off2")
    # This one keeps running while libvirtd does not.
    scene.define("busy")
    needed("start", "busy")
    scene.take("busy", "one")
    scene.take("busy", "two")


def external(scene):
    """Disks and memory in files of their own, in running and other guests."""
    scene.define("db", 3)
    scene.take("db", "offline", "--disk-only", "--diskspec=vdb,snapshot=no")
    needed("start", "db")
    scene.external("db", "disks", False)
    scene.external("db", "memory", True)
    scene.external("db", "both", True)
    needed("destroy", "db")
    scene.define("mixed", 2)
    scene.take("mixed", "in")
    scene.take("mixed", "out", "--disk-only")


def names(scene):
    """Names that clash, and odd ones, of domains and of snapshots."""
    for domain in ("foo", "foo.xml", "foo.xml.xml", "foo.d"):
        scene.define(domain)
        scene.take(domain, "first")
        scene.take(domain, "second")
    for domain in (" it's \"odd\" <&> ", ".hidden", "m\u00fcller", "x" * 243):
        scene.define(domain)
        scene.take(domain, "first")
    scene.define("names")
    for name in ODD_NAMES:
        scene.take_xml("names", name)


def texts(scene):
    """What must come back to the last blank."""
    scene.define("texts", extra=METADATA)
    for at, description in enumerate(DESCRIPTIONS):
        scene.take_xml("texts", f"text {at}", description=description)
    needed("start", "texts")
    scene.take_xml("texts", "running", description="\t")
    needed("destroy", "texts")


def changes(scene):
    """Renamed, deleted, emptied, and none current."""
    scene.define("old")
    scene.take("old", "before 1")
    scene.take("old", "before 2")
    needed("domrename", "old", "renamed")
    scene.domains[scene.domains.index("old")] = "renamed"
    scene.take("renamed", "after")
    scene.define("shorter")
    for name in "abcdef":
        scene.take("shorter", name)
    needed("snapshot-delete", "shorter", "b")
    needed("snapshot-delete", "shorter", "d", "--children-only")
    needed("snapshot-delete", "shorter", "a", "--metadata")
    scene.define("emptied")
    scene.take("emptied", "gone")
    needed("snapshot-delete", "emptied", "gone")
    scene.define("none current")
    scene.take("none current", "first")
    kept = scene.file(needed("snapshot-dumpxml", "none current", "first",
                             "--security-info"))
    needed("snapshot-delete", "none current", "first", "--metadata")
    needed("snapshot-create", "none current", kept, "--redefine")
    # libvirt puts the checkpoint of a renamed domain among the snapshots.
    scene.define("checked")
    needed("start", "checked")
    needed("checkpoint-create-as", "checked", "c1")
    needed("destroy", "checked")
    needed("domrename", "checked", "checked 2")
    scene.domains[scene.domains.index("checked")] = "checked 2"
    scene.define("never")


def make():
    scene = Scene()
    for part in (internal, external, names, texts, changes):
        part(scene)
    return scene


def quoted(word):
    """For the parser of virsh itself."""
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'


def record(domains, snapshots):
    """All that virsh says of the snapshots of each domain, as one text."""
    said = {}
    for domain in domains:
        of = quoted("--domain=" + domain)
        asked = [f"snapshot-list {of} --tree",
                 f"snapshot-current {of} --name"]
        for snapshot in sorted(snapshots[domain]):
            which = quoted("--snapshotname=" + os.fsdecode(snapshot))
            asked += [f"snapshot-parent {of} {which}",
                      f"snapshot-dumpxml {of} {which} --security-info"]
        # One virsh for all: it goes on where one of them fails. In a list names
        # that differ in case only come in any order.
        lists = virsh(f"snapshot-list {of} --name; snapshot-list {of} --parent")
        said[domain] = "\n".join(sorted(lists[1].split("\n"))) + lists[2] + \
            "\n".join(virsh("; ".join(asked))[1:])
    return said
