"""A stage for the commands of the manual pages: the directories of a system, in
a mount namespace of its own, and a shell for root in them.

The namespace has its own /etc, /root, /run, /mnt and /var/lib, so commands can
stand in a page as a person types them, and nothing of the machine is seen or
changed. Whoever is not root is root in a user namespace of their own.
"""
import os
import shlex
import subprocess
import tempfile

from support import HERE, MIGRATE, VERIFY, run

BASE = "var/lib/libvirt/qemu/snapshot"
DEFINITIONS = "etc/libvirt/qemu"
# An example of a stylesheet for --transform.
PATHS = os.path.join(os.path.dirname(HERE), "schemas", "move-paths.xsl")
HIDDEN = ("/root", "/run", "/mnt", "/var/lib")
# What commands need of /etc: accounts, libraries, links to awk and the like.
KEPT = ("alternatives", "group", "ld.so.cache", "ld.so.conf", "ld.so.conf.d",
        "nsswitch.conf", "passwd")
NOBODY = 65534
UUIDS = {"web": "7cd9cd12-6d05-4d7c-8d6c-2c7c3f5f7b1a",
         "db": "1f8f1c5c-52c2-4c5f-8a5c-0b9a6d0f3e21"}
WARNING = """<!--
WARNING: THIS IS AN AUTO-GENERATED FILE. CHANGES TO IT ARE LIKELY TO BE
OVERWRITTEN AND LOST. Changes to this xml configuration should be made using:
  virsh snapshot-edit
or other application using the libvirt API.
-->

"""
# Of each domain its snapshots: name, parent, time; the last one is current.
SNAPSHOTS = {
    "web": (("installed", "", "1791191561"),
            ("before-upgrade", "installed", "1793644205"),
            ("nightly", "before-upgrade", "1795744803")),
    "db": (("s1", "", "1792397117"),)}
NEW = ("emergency", "", "1795884320")


def definition(domain):
    return (f"<domain type='qemu'>\n"
            f"  <name>{domain}</name>\n"
            f"  <uuid>{UUIDS[domain]}</uuid>\n"
            f"  <memory unit='KiB'>65536</memory>\n"
            f"  <os>\n"
            f"    <type arch='x86_64' machine='pc'>hvm</type>\n"
            f"  </os>\n"
            f"</domain>\n")


def indented(text, blanks):
    return "".join(blanks + line for line in text.splitlines(True))


def element(domain, name, parent, time):
    """A <domainsnapshot> without its last line."""
    above = f"  <parent>\n    <name>{parent}</name>\n  </parent>\n"
    return (f"<domainsnapshot>\n  <name>{name}</name>\n"
            f"  <state>shutoff</state>\n{above if parent else ''}"
            f"  <creationTime>{time}</creationTime>\n"
            f"  <memory snapshot='no'/>\n" +
            indented(definition(domain), "  "))


def legacy(domain, snapshot, current):
    return (WARNING + element(domain, *snapshot) +
            f"  <active>{int(current)}</active>\n</domainsnapshot>\n")


def bulk(domain, current=None):
    members = SNAPSHOTS[domain]
    current = current or members[-1][0]
    return (WARNING + f"<snapshots current='{current}'>\n" +
            "".join(indented(element(domain, *member) + "</domainsnapshot>\n",
                             "  ") for member in members) + "</snapshots>\n")


def put(path, text, mode=0o600):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    os.chmod(path, mode)


def files(scene):
    """What lies in the snapshot directory of a scene: content by name."""
    found = {}
    for domain, snapshots in SNAPSHOTS.items():
        if "legacy" in scene:
            for snapshot in snapshots:
                found[f"{domain}/{snapshot[0]}.xml"] = legacy(
                    domain, snapshot, snapshot == snapshots[-1])
        else:
            found[f"{domain}.xml"] = bulk(domain)
    if "conflict" in scene:
        found["web/emergency.xml"] = legacy("web", NEW, True)
    if "time" in scene:
        found["db.xml"] = found["db.xml"].replace("1792397117", "12x")
    if "current" in scene:
        found["web.xml"] = bulk("web", "gone")
    if "two" in scene:
        name = "web/installed.xml"
        found[name] = found[name].replace("<active>0", "<active>1")
    return found


def furnish(top, scene):
    """The scene, in a system whose root is TOP."""
    os.makedirs(os.path.join(top, BASE))
    os.makedirs(os.path.join(top, "root"))
    for name, text in files(scene).items():
        put(os.path.join(top, BASE, name), text)
    for domain in SNAPSHOTS:
        put(os.path.join(top, DEFINITIONS, domain + ".xml"),
            definition(domain))


class Stage:
    """Commands run one after the other, each with its output and status."""

    def __init__(self, scene, system=""):
        """With SYSTEM, the scene is a system mounted there."""
        # Not in a directory that will be hidden.
        self.folder = tempfile.TemporaryDirectory(
            prefix="virt-snapshot-manual-",
            dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else "/tmp")
        self.path = self.folder.name
        self.lines = []
        os.chmod(self.path, 0o755)
        os.makedirs(self.inside("system/etc"))
        os.makedirs(self.inside("bin"))
        for file in (MIGRATE, VERIFY, PATHS):
            run("cp", file, self.inside("bin"))
        furnish(self.inside("system" + system), scene)
        for name in KEPT:
            if os.path.lexists("/etc/" + name):
                run("cp", "-a", "/etc/" + name, self.inside("system/etc"))
        os.makedirs(self.inside("system/home"))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.folder.cleanup()

    def inside(self, name):
        return os.path.join(self.path, name)

    def add(self, command, user=False):
        """To be run as root, or as an ordinary user, in a directory of theirs
        that is the working directory of root as well."""
        self.lines.append((command, user))

    def script(self):
        yield "set -eu; umask 022"
        for folder in HIDDEN:
            yield (f"[ ! -d {folder} ] || "
                   f"mount -t tmpfs -o mode=755 tmpfs {folder}")
        yield "for folder in root run mnt var/lib; do"
        yield f"  [ ! -d {self.path}/system/$folder ] ||"
        yield f"    cp -a {self.path}/system/$folder/. /$folder/; done"
        yield f"mount --bind {self.path}/system/etc /etc"
        yield f"cd {self.path}/system/home"
        if os.geteuid() == 0:
            yield f"chown {NOBODY}:{NOBODY} ."
        yield f"PATH={self.path}/bin:$PATH; export PATH LC_ALL=C TZ=UTC"
        yield "unset XDG_CONFIG_HOME XDG_RUNTIME_DIR XDG_CACHE_HOME"
        yield "set +eu"
        for at, (command, user) in enumerate(self.lines):
            # A user namespace knows no other user.
            become = (f"setpriv --reuid={NOBODY} --regid={NOBODY} "
                      "--clear-groups env HOME=$PWD "
                      if user and os.geteuid() == 0 else "env HOME=/root ")
            yield (f"{become}sh -c {shlex.quote(command)} "
                   f">{self.path}/{at}.out 2>&1 </dev/null; "
                   f"echo $? >{self.path}/{at}.status")
        yield f"cp -a /var/lib {self.path}/left; cp -a /mnt {self.path}/mnt"

    def play(self):
        """Output and status of each command."""
        result = run("unshare", *namespace(), "sh", "-c",
                     "\n".join(self.script()))
        if result.returncode:
            raise RuntimeError(result.stderr.decode(errors="replace"))
        return [(self.read(f"{at}.out"), int(self.read(f"{at}.status")))
                for at in range(len(self.lines))]

    def read(self, name):
        with open(self.inside(name), encoding="utf-8") as file:
            return file.read()

    def left(self, system=""):
        """What is in the snapshot directory in the end: content by name."""
        top = self.inside(system.lstrip("/") + "/" + BASE if system else
                          "left" + BASE.removeprefix("var/lib"))
        found = {}
        for folder, _, names in os.walk(top):
            for name in names:
                path = os.path.join(folder, name)
                with open(path, encoding="utf-8") as file:
                    found[os.path.relpath(path, top)] = file.read()
        return found


def namespace():
    return ["--mount"] if os.geteuid() == 0 else ["--mount", "--map-root-user"]


def possible():
    """Can there be a namespace with mounts of its own?"""
    try:
        return subprocess.run(
            ["unshare", *namespace(), "mount", "-t", "tmpfs", "tmpfs", "/mnt"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            check=False).returncode == 0
    except FileNotFoundError:
        return False
