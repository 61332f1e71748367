#!/usr/bin/env python3
"""The static programs: that they need nothing, and do what the others do.

Run by `make check-static`. They run in a directory that is their whole world,
with nothing in it but the programs and a snapshot directory: no libraries, no
/etc, no /dev, no /proc. What they say and leave is compared with what the
ordinary programs say and leave outside.
"""
import os
import platform
import re
import shutil
import struct
import subprocess

from support import (BUILD, HERE, MIGRATE, STORES, VERIFY, Scratch, Tally,
                     differences, run, tree, unpack, without_empty)

STATIC = os.path.abspath(os.environ.get("STATIC", BUILD + "/static"))
ARCH = os.environ.get("STATIC_ARCH", platform.machine())
FOREIGN = ARCH != platform.machine()
QEMU = shutil.which(f"qemu-{ARCH}-static") if FOREIGN else None
NOBODY = 65534
PROGRAMS = ("virt-snapshot-verify", "virt-snapshot-migrate")
BARE = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
ENCODINGS = ["UTF-8", "US-ASCII", "UTF-16", "UTF-16LE", "nonsense", "KOI8-R",
             "windows-1250", "windows-1251", "windows-1252", "Shift_JIS",
             "EUC-JP", "GB18030", "Big5", "EUC-KR"] + [
                 f"ISO-8859-{number}" for number in (*range(1, 12), 13, 14, 15,
                                                     16)]
# musl reads but does not write these, which libxml2 asks for, or knows them in
# part. libvirt takes none of them, so only files of the user's own have them.
FEWER = ["GB18030", "Big5", "EUC-KR", "EUC-JP"]
SNAPSHOT = """<?xml version='1.0' encoding='%s'?>
<domainsnapshot>
  <name>s1</name>
  <description>%s</description>
  <state>shutoff</state>
  <creationTime>1</creationTime>
  <domain type='kvm'>
    <name>d</name>
    <uuid>c7a5fdbd-edaf-9455-926a-d65c16db1809</uuid>
    <memory>1</memory>
    <os><type>hvm</type></os>
  </domain>
  <active>0</active>
</domainsnapshot>
"""
tally = Tally()


def needs_nothing(path):
    """No interpreter and no dynamic section among the program headers."""
    with open(path, "rb") as file:
        data = file.read()
    start, size, count = (struct.unpack_from("<Q", data, 32)[0],
                          *struct.unpack_from("<HH", data, 54))
    kinds = [struct.unpack_from("<I", data, start + i * size)[0]
             for i in range(count)]
    machine = struct.unpack_from("<H", data, 18)[0]
    tally.check(count > 0 and 3 not in kinds and 2 not in kinds,
                f"{path} is static", kinds)
    tally.check(machine == {"x86_64": 62, "aarch64": 183}[ARCH],
                f"{path} is for {ARCH}", machine)


def what_is_handed_on():
    """Nothing else is beside the programs, and what RESCUE.txt refers to is."""
    names = set(os.listdir(STATIC))
    pages = {"RESCUE.txt", "virt-snapshot-bulk.txt",
             *(name + ".txt" for name in PROGRAMS)}
    wanted = {*PROGRAMS, "COPYING", "COPYING.libraries"}
    if shutil.which("mandoc"):
        wanted |= pages
    else:
        tally.skip("pages as text: mandoc is not installed")
    tally.check(names == wanted, "what is handed on", sorted(names))
    for name in sorted(pages & names):
        with open(os.path.join(STATIC, name), encoding="ascii") as file:
            text = file.read()
        tally.check("NAME\n" in text and "\b" not in text and
                    max(map(len, text.split("\n"))) <= 80, name + " is text")
        referred = {page + ".txt" for page in
                    re.findall(r"(virt-snapshot-\w+)\([58]\)", text)}
        if name == "RESCUE.txt":
            tally.check(referred == pages - {name},
                        "what RESCUE.txt refers to", sorted(referred))


class World:
    """A directory to be the root of the static programs."""

    def __init__(self, path):
        self.path = path
        for name in PROGRAMS:
            shutil.copy(os.path.join(STATIC, name), path)
        self.words = ["chroot", path]
        if os.geteuid() != 0:
            self.words = ["unshare", "-r"] + self.words
        if QEMU:
            shutil.copy(QEMU, path)
            self.words.append("/" + os.path.basename(QEMU))

    def run(self, name, *words):
        return run(*self.words, "/" + name, *words, env=BARE)

    def exists(self):
        return self.run("virt-snapshot-verify", "--version").returncode == 0


def say(result):
    return result.returncode, result.stdout, result.stderr


def compare(world, base, *words, name=None):
    """The same from both; `base' is outside, copied into the world."""
    name = name or os.path.basename(os.path.dirname(base))
    inside = os.path.join(world.path, "snapshot")
    shutil.rmtree(inside, ignore_errors=True)
    shutil.rmtree(world.path + "/kept", ignore_errors=True)
    subprocess.run(["cp", "-a", base, inside], check=True)
    with Scratch() as scratch:
        outside = os.path.join(scratch, "snapshot")
        subprocess.run(["cp", "-a", base, outside], check=True)
        program = VERIFY if words[0] == "verify" else MIGRATE
        ours = run(program, *words[1:], "snapshot", cwd=scratch, env=BARE)
        theirs = world.run("virt-snapshot-" + words[0], *words[1:],
                           "snapshot")
        good = say(ours) == say(theirs)
        tally.check(good, f"{words} {name}: the same is said",
                    f"\n{say(ours)}\n{say(theirs)}")
        after = differences(tree(outside), tree(inside))
        tally.check(not after, f"{words} {name}: the same is left", after)
        if os.path.exists(scratch + "/kept"):
            after = differences(tree(scratch + "/kept"),
                                tree(world.path + "/kept"))
            tally.check(not after, f"{words} {name}: the same is kept", after)
    return theirs


def try_store(world, store):
    with Scratch() as scratch:
        folder, _ = unpack(store, scratch)
        base = os.path.join(folder, "snapshot")
        for words in (["verify"], ["verify", "--list"],
                      ["verify", "--format=xml"], ["verify", "--format=json"],
                      ["verify", "--format=html", "--jobs=4"],
                      ["migrate", "--dry-run", "--verbose"]):
            compare(world, base, *words)
        compare(world, base, "migrate")
        before = without_empty(tree(base))
        inside = os.path.join(world.path, "snapshot")
        bulk = os.path.join(scratch, "bulk")
        shutil.copytree(inside, bulk)
        compare(world, bulk, "verify", "--list")
        compare(world, bulk, "migrate", "--export")
        after = differences(before, without_empty(tree(inside)))
        after = [name for name in after if name in before or not
                 without_empty(tree(inside))[name][0] & 0o40000]
        tally.check(not after, f"{store}: there and back, static", after)


def make_case(case, where):
    """The directory of a case, as tests/run-cases makes it; may be None."""
    base = os.path.join(where, "snapshot")
    if os.path.isdir(case + "/before"):
        shutil.copytree(case + "/before", base, symlinks=True)
    else:
        os.mkdir(base)
    if os.path.exists(case + "/setup"):
        run("sh", "-c", f". {HERE}/cases/lib.sh; . {case}/setup", cwd=where,
            env=dict(os.environ, PIDS=where + "/pids"))
    return base if os.path.isdir(base) and os.listdir(base) else None


def try_cases(world):
    """The directories of the cases, most of which are damaged."""
    folder = os.path.join(HERE, "cases")
    count = 0
    for name in sorted(os.listdir(folder)):
        case = os.path.join(folder, name)
        # Those with needs may hold locks, or are not for everybody.
        if not os.path.isdir(case) or os.path.exists(case + "/needs") or \
                os.path.islink(case):
            continue
        with Scratch() as scratch:
            base = make_case(case, scratch)
            if not base or os.path.islink(base):
                continue
            count += 1
            compare(world, base, "verify", "--verbose", name=name)
            if FOREIGN and count % 4:
                continue
            compare(world, base, "verify", "--format=sarif", name=name)
            compare(world, base, "migrate", "--repair=all", "--backup=kept",
                    name=name)
            compare(world, base, "migrate", "--export", name=name)
    tally.check(count > 100, "directories of cases", count)
    print(f"  {count} directories of cases")


def try_encodings(world):
    for encoding in ENCODINGS:
        python = "ascii" if encoding == "nonsense" else encoding
        for text in ("plain", "\u00e4\u20ac\u0431\u65e5\u0e01"):
            with Scratch() as scratch:
                base = os.path.join(scratch, "snapshot")
                os.makedirs(base + "/d")
                with open(base + "/d/s1.xml", "wb") as file:
                    file.write((SNAPSHOT % (encoding, text)).encode(
                        python, "ignore"))
                compare(world, base, "verify")


def try_schema_encodings(world):
    """A file of the user's own, in which libxml2 decides about encodings."""
    schema = ("<?xml version='1.0' encoding='%s'?>"
              "<!-- \u00e9\u0434\u4e2d --><element name='other' "
              "xmlns='http://relaxng.org/ns/structure/1.0'><text/></element>")
    for encoding in ENCODINGS:
        if encoding in ("nonsense", "UTF-16LE"):
            continue
        with Scratch() as scratch:
            base = os.path.join(scratch, "snapshot")
            os.makedirs(base + "/d")
            for path, text, code in (
                    (base + "/d/s1.xml", SNAPSHOT % ("UTF-8", "x"), "utf-8"),
                    (scratch + "/own.rng", schema % encoding, encoding)):
                with open(path, "wb") as file:
                    file.write(text.encode(code, "ignore"))
            shutil.copy(scratch + "/own.rng", world.path)
            shutil.rmtree(world.path + "/snapshot", ignore_errors=True)
            shutil.copytree(base, world.path + "/snapshot")
            words = ["--schema=own.rng", "snapshot"]
            ours = run(VERIFY, *words, cwd=scratch, env=BARE)
            theirs = world.run("virt-snapshot-verify", *words)
            if encoding in FEWER:
                tally.check(theirs.returncode == 2 and b"own.rng" in
                            theirs.stderr, f"a schema in {encoding} is refused",
                            say(theirs))
                continue
            tally.check(b"[schema-foreign]" in theirs.stdout and
                        say(ours) == say(theirs), f"a schema in {encoding}",
                        f"\n{say(ours)}\n{say(theirs)}")


def try_rescue(world):
    """A system at /mnt, whose libvirt cannot read bulk files."""
    where = "mnt/var/lib/libvirt/qemu"
    with Scratch() as scratch:
        folder, _ = unpack(STORES[0], scratch)
        before = without_empty(tree(folder + "/snapshot"))
        os.makedirs(os.path.join(world.path, where))
        base = os.path.join(world.path, where, "snapshot")
        shutil.copytree(folder + "/snapshot", base)
        run(MIGRATE, base)
        tally.check(without_empty(tree(base)) != before, "it is in bulk files")
        for program, words in (("verify", ["--list"]), ("migrate", ["-n"]),
                               ("migrate", []), ("verify", [])):
            more = ["--export"] if program == "migrate" else []
            result = world.run("virt-snapshot-" + program, "--root=/mnt",
                               *more, *words)
            tally.check(result.returncode == 0,
                        f"{program} --root=/mnt {words}", say(result))
        after = without_empty(tree(base))
        tally.check(after == before, "--root=/mnt --export",
                    differences(before, after))


def as_user():
    """On a copied directory, by somebody who is not root."""
    with Scratch() as scratch:
        folder, _ = unpack(STORES[0], scratch)
        base = folder + "/snapshot"
        before = without_empty(tree(base))
        words = [QEMU] if QEMU else []
        if os.geteuid() == 0:
            subprocess.run(["chown", "-R", f"{NOBODY}:{NOBODY}", scratch],
                           check=True)
            words = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}",
                     "--clear-groups"] + words
        programs = scratch + "/programs"
        os.mkdir(programs)
        for name in PROGRAMS:
            shutil.copy(os.path.join(STATIC, name), programs)
        os.chmod(programs, 0o755)
        for program, more in (("migrate", []), ("verify", []),
                              ("migrate", ["--export"]), ("verify", [])):
            result = run(*words, f"{programs}/virt-snapshot-{program}", *more,
                         base, cwd="/", env=BARE)
            tally.check(result.returncode == 0, f"{program} {more} as a user",
                        say(result))
        after = without_empty(tree(base))
        same = {name: (value[0], value[3]) for name, value in after.items()} \
            == {name: (value[0], value[3]) for name, value in before.items()}
        tally.check(same, "there and back as a user")


def looks_nothing_up():
    """No file of the system is asked for, such as locales and encodings."""
    if FOREIGN or not shutil.which("strace"):
        tally.skip("looked up: no strace here, or for another machine")
        return
    base = os.path.join(HERE, "cases", "damage-encoding", "before")
    for words in (["verify", "--format=json", base], ["verify", "--help"],
                  ["migrate", "--dry-run", "--syslog", base]):
        result = run("strace", "-f", "-e", "trace=%file", STATIC +
                     "/virt-snapshot-" + words[0], *words[1:], env=BARE)
        asked = re.findall(rb'"(/(?:etc|usr|lib|proc|home|root)[^"]*)',
                           result.stderr)
        # What they look for on purpose stands in the manual, under FILES.
        asked = [path for path in asked
                 if not path.startswith((b"/etc/libvirt", b"/proc/self/fd"))]
        tally.check(b"exited with" in result.stderr and not asked,
                    f"{words[:2]} asks for no file of the system", asked)


def try_run_cases():
    """All cases, with the static programs."""
    with Scratch() as scratch:
        os.mkdir(scratch + "/tests")
        for name in PROGRAMS:
            shutil.copy(os.path.join(STATIC, name), scratch)
        shutil.copy(BUILD + "/tests/hold-lock", scratch + "/tests")
        result = run("sh", os.path.join(HERE, "run-cases"),
                     env=dict(os.environ, B=scratch))
        last = result.stdout.decode().strip().split("\n")[-1]
        tally.check(result.returncode == 0 and re.match(
            r"[1-9][0-9]{2,} passed, 0 failed", last), "the cases",
            result.stdout.decode())
        print("  the cases, static:", last)


def main():
    for name in PROGRAMS:
        needs_nothing(os.path.join(STATIC, name))
    what_is_handed_on()
    if FOREIGN and not QEMU:
        tally.skip(f"running: there is no qemu-{ARCH}-static")
        tally.end()
    with Scratch() as scratch:
        os.chmod(scratch, 0o755)
        world = World(scratch)
        if not world.exists():
            tally.check(False, "they run in an empty root",
                        say(world.run("virt-snapshot-verify", "--version")))
            tally.end()
        for store in STORES:
            try_store(world, store)
        try_cases(world)
        try_encodings(world)
        try_schema_encodings(world)
        if os.geteuid() == 0:
            try_rescue(world)
        looks_nothing_up()
    as_user()
    if not FOREIGN:
        try_run_cases()
    tally.end()


main()
