"""A libvirtd of our own, in the namespaces that tests/check-libvirt makes.

All that it keeps is on a tmpfs there. It is a child of the script, ended by its
pid; libvirt's library is asked directly where the output of virsh would be
ambiguous, for a name may hold a newline.
"""
import ctypes
import grp
import os
import pwd
import subprocess
import sys
import time

BASE = "/var/lib/libvirt/qemu/snapshot"
DOMAINS = "/etc/libvirt/qemu"
IMAGES = "/var/lib/libvirt/images"
DRIVER_PID = "/run/libvirt/qemu/driver.pid"
SOCKET = "/run/libvirt/libvirt-sock"
LOG = "/var/log/libvirt/libvirtd.log"
FILLED = ("/run", "/etc/libvirt", "/var/lib/libvirt", "/var/cache/libvirt",
          "/var/log/libvirt")
URI = "qemu:///system"
# Seconds. Much longer than it takes: only what hangs is ended.
LIMIT = 60
# Flags of libvirt's API.
ROOTS = 1       # VIR_DOMAIN_SNAPSHOT_LIST_ROOTS
SECURE = 1      # VIR_DOMAIN_SNAPSHOT_XML_SECURE
COMMAND = ["libvirtd", "--config=/etc/libvirt/libvirtd.conf"]

QEMU_CONF = """user = "root"
group = "root"
dynamic_ownership = 0
remember_owner = 0
security_driver = "none"
cgroup_controllers = []
namespaces = []
stdio_handler = "file"
"""
LIBVIRTD_CONF = """auth_unix_ro = "none"
auth_unix_rw = "none"
log_outputs = "2:stderr"
"""


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def add_account(path, name, line, known):
    """Debian's libvirtd ends if there is no such user, even if it needs none;
    the package that makes it is a different one."""
    try:
        known(name)
    except KeyError:
        ours = "/run/" + os.path.basename(path)
        if not os.path.exists(ours):
            with open(path, encoding="utf-8") as file:
                write(ours, file.read())
            subprocess.run(["mount", "--bind", ours, path], check=True)
        with open(ours, "a", encoding="utf-8") as file:
            file.write(line + "\n")


def enter():
    """Put empty directories where libvirt keeps things; not on the machine."""
    outside = os.environ.get("OUTSIDE")
    if not outside or os.readlink("/proc/self/ns/mnt") == outside:
        sys.exit("not in a namespace of its own: run make check-libvirt")
    os.umask(0o022)
    here = os.path.abspath(__file__)
    for folder in FILLED:
        if here.startswith(folder + "/"):
            sys.exit(f"it cannot run from below {folder}")
        subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=0755", "tmpfs",
                        folder], check=True)
    add_account("/etc/passwd", "libvirt-qemu",
                "libvirt-qemu:x:64055:64055::/nonexistent:/bin/false",
                pwd.getpwnam)
    add_account("/etc/group", "libvirt-qemu", "libvirt-qemu:x:64055:",
                grp.getgrnam)
    add_account("/etc/group", "kvm", "kvm:x:64056:", grp.getgrnam)
    write("/etc/libvirt/qemu.conf", QEMU_CONF)
    write("/etc/libvirt/libvirtd.conf", LIBVIRTD_CONF)
    for folder in (DOMAINS, BASE, IMAGES):
        os.makedirs(folder)


def said():
    """What the daemon has logged, for a message."""
    with open(LOG, encoding="utf-8", errors="replace") as file:
        return file.read()[-2000:]


class Daemon:
    """libvirtd, started and ended."""

    def __init__(self):
        self.process = None
        self.starts = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self):
        """Wait until it answers. It reads all snapshots before it does."""
        assert not self.process
        self.starts += 1
        # pylint: disable=consider-using-with
        with open(LOG, "ab") as log:
            self.process = subprocess.Popen(COMMAND, stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=log)
        end = time.monotonic() + LIMIT
        while not (os.path.exists(SOCKET) and self.answers()):
            if self.process.poll() is not None or time.monotonic() > end:
                self.stop()
                raise RuntimeError("libvirtd does not start: " + said())
            time.sleep(0.05)

    def answers(self):
        return virsh("list", "--all", "--name")[0] == 0

    def stop(self):
        """Its exit status; or None if it had to be killed."""
        if not self.process:
            return None
        process, self.process = self.process, None
        if process.poll() is None:
            process.terminate()
        try:
            return process.wait(LIMIT)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            return None


def virsh(*words):
    """Status, standard output and standard error."""
    result = subprocess.run(
        ["virsh", "-c", URI, *words], stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False,
        timeout=LIMIT)
    return (result.returncode, result.stdout.decode(errors="replace"),
            result.stderr.decode(errors="replace"))


def needed(*words):
    """virsh, where it has to work; its output."""
    status, output, error = virsh(*words)
    if status:
        raise RuntimeError(f"virsh {words}: {error}{output}\n{said()}")
    return output


def load_library():
    library = ctypes.CDLL("libvirt.so.0")
    pointer, text, number = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_uint
    for name, result, *arguments in (
            ("virConnectOpen", pointer, text),
            ("virConnectClose", ctypes.c_int, pointer),
            ("virConnectGetLibVersion", ctypes.c_int, pointer,
             ctypes.POINTER(ctypes.c_ulong)),
            ("virDomainLookupByName", pointer, pointer, text),
            ("virDomainListAllSnapshots", ctypes.c_int, pointer,
             ctypes.POINTER(ctypes.POINTER(pointer)), number),
            ("virDomainSnapshotGetName", text, pointer),
            ("virDomainSnapshotGetParent", pointer, pointer, number),
            ("virDomainSnapshotGetXMLDesc", text, pointer, number),
            ("virDomainSnapshotCurrent", pointer, pointer, number),
            ("virSetErrorFunc", None, pointer, pointer)):
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library


class Library:
    """What libvirt's API says, byte for byte. Its errors are no news here."""

    def __init__(self):
        self.library = load_library()
        self.quiet = ctypes.CFUNCTYPE(None, ctypes.c_void_p,
                                      ctypes.c_void_p)(lambda *_: None)
        self.library.virSetErrorFunc(None, self.quiet)

    def __enter__(self):
        self.connection = self.library.virConnectOpen(URI.encode())
        if not self.connection:
            raise RuntimeError("no connection to libvirtd: " + said())
        return self

    def __exit__(self, *_):
        self.library.virConnectClose(self.connection)

    def version(self):
        """9000000 for 9.0.0."""
        version = ctypes.c_ulong()
        self.library.virConnectGetLibVersion(self.connection,
                                             ctypes.byref(version))
        return version.value

    def name(self, snapshot):
        return snapshot and self.library.virDomainSnapshotGetName(snapshot)

    def snapshots(self, domain, flags=0):
        found = ctypes.POINTER(ctypes.c_void_p)()
        count = self.library.virDomainListAllSnapshots(
            domain, ctypes.byref(found), flags)
        return found[:max(count, 0)]

    def domain(self, name):
        """Parent and XML of each snapshot, and the current one; or None."""
        call = self.library
        domain = call.virDomainLookupByName(self.connection, name)
        if not domain:
            return None
        # An orphan is one of the roots, and still says who its parent was.
        roots = {self.name(root) for root in self.snapshots(domain, ROOTS)}
        snapshots = {}
        for snapshot in self.snapshots(domain):
            name = self.name(snapshot)
            parent = None if name in roots else self.name(
                call.virDomainSnapshotGetParent(snapshot, 0))
            snapshots[name] = parent, call.virDomainSnapshotGetXMLDesc(
                snapshot, SECURE)
        return snapshots, self.name(call.virDomainSnapshotCurrent(domain, 0))
