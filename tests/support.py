"""What the test scripts have in common: programs, stores, trees, a tally."""
import json
import os
import shutil
import stat
import subprocess
import sys
import tarfile
import tempfile

BUILD = os.path.abspath(os.environ.get("B", "build"))
HERE = os.path.dirname(os.path.abspath(__file__))
MIGRATE = os.path.join(BUILD, "virt-snapshot-migrate")
VERIFY = os.path.join(BUILD, "virt-snapshot-verify")
# How much: the quick cut of make check, more of it (make check-more), or
# everything, however long it takes (make check-full).
FULL = os.environ.get("FULL", "") not in ("", "0")
WHOLE = os.environ.get("FULL", "") == "all"
STORES = ("real-libvirt-9.0.0", "odd-names")


def has_room(folder):
    """Can files of some size be put there?"""
    if not os.access(folder, os.W_OK | os.X_OK):
        return False
    info = os.statvfs(folder)
    return info.f_bavail * info.f_frsize > 1 << 30


# Memory, where there is enough of it: the programs sync what they write.
if "TMPDIR" not in os.environ and has_room("/dev/shm"):
    tempfile.tempdir = "/dev/shm"


class Tally:
    """Counts checks and prints the closing line."""

    def __init__(self):
        self.passed = self.failed = self.skipped = 0

    def check(self, good, what, detail=""):
        if good:
            self.passed += 1
        else:
            self.failed += 1
            print("FAILED:", what, detail)
        return good

    def skip(self, what):
        self.skipped += 1
        print("skipped:", what)

    def end(self):
        print(f"{self.passed} passed, {self.failed} failed, "
              f"{self.skipped} skipped")
        sys.exit(1 if self.failed else 0)


class Scratch:
    """A temporary directory; may hold modes that keep us out."""

    def __enter__(self):
        self.path = tempfile.mkdtemp(prefix="virt-snapshot-test-")
        return self.path

    def __exit__(self, *_):
        shutil.rmtree(self.path, ignore_errors=True)


def run(*command, data=b"", **options):
    return subprocess.run([os.fsencode(word) for word in command], input=data,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          check=False, **options)


def unpack(store, where):
    """Unpack a store; its folder, and what libvirt said is in it."""
    with tarfile.open(os.path.join(HERE, "stores", store + ".tar.xz")) as tar:
        for member in tar.getmembers():
            member.uid, member.gid = os.geteuid(), os.getegid()
            tar.extract(member, where)
    folder = os.path.join(where, store)
    with open(os.path.join(folder, "expected.json"), encoding="utf-8") as file:
        return folder, json.load(file)


def tree(path):
    """Every entry below a directory: type, mode, owner and content."""
    found = {}
    path = os.fsencode(path)
    for folder, folders, files in os.walk(path):
        for name in folders + files:
            full = os.path.join(folder, name)
            info = os.lstat(full)
            content = None
            if stat.S_ISREG(info.st_mode):
                with open(full, "rb") as file:
                    content = file.read()
            elif stat.S_ISLNK(info.st_mode):
                content = os.readlink(full)
            found[os.path.relpath(full, path)] = (
                info.st_mode, info.st_uid, info.st_gid, content)
    return found


def differences(one, other):
    """Names that are not the same in two trees."""
    return sorted(name for name in set(one) | set(other)
                  if one.get(name) != other.get(name))


def without_empty(entries):
    """A tree without the directories that nothing is in."""
    return {name: entry for name, entry in entries.items()
            if not stat.S_ISDIR(entry[0]) or
            any(other.startswith(name + b"/") for other in entries)}


def identities(path):
    """Identity of every entry, to see that nothing at all was touched."""
    found = {}
    for folder, folders, files in os.walk(os.fsencode(path)):
        for name in folders + files + [b"."]:
            info = os.lstat(os.path.join(folder, name))
            found[os.path.join(folder, name)] = (
                info.st_ino, info.st_mode, info.st_size, info.st_mtime_ns,
                info.st_ctime_ns)
    return found
