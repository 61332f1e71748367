#!/usr/bin/env python3
"""virt-snapshot-maintscript where its own files are in danger: a full disk, a
first upgrade of nothing but damaged domains, links in a mounted system, names
that look like its plan. Called as dpkg calls it, with DPKG_ROOT.
"""
import os
import shutil

from support import BUILD, HERE, Scratch, Tally, run

SCRIPT = os.path.join(os.path.dirname(HERE), "packaging", "maintscript",
                      "virt-snapshot-maintscript")
STORE = os.path.join(HERE, "cases", "story-3-downgrade", "before")
BOOKS = ("Package: drv\nStatus: install ok installed\nMaintainer: x <x@x>\n"
         "Architecture: all\nVersion: 9.0\nDescription: x\n\n")
tally = Tally()


class Driver:
    """A mounted system with the package drv 9.0, which reads bulk files."""

    def __init__(self, scratch):
        self.root = os.path.join(scratch, "root")
        self.snapshots = os.path.join(self.root,
                                      "var/lib/libvirt/qemu/snapshot")
        self.states = os.path.join(self.root, "var/lib/virt-snapshot-tools")
        self.state = os.path.join(self.states, "drv.state")
        books = os.path.join(scratch, "admin")
        os.makedirs(os.path.join(books, "info"))
        os.makedirs(os.path.join(books, "updates"))
        with open(os.path.join(books, "status"), "w", encoding="ascii") as file:
            file.write(BOOKS)
        os.makedirs(self.snapshots)
        self.books = os.path.join(books, "status")
        self.environment = dict(os.environ, DPKG_ROOT=self.root,
                                DPKG_ADMINDIR=books,
                                DPKG_MAINTSCRIPT_PACKAGE="drv",
                                PATH=BUILD + ":" + os.environ["PATH"])

    def __call__(self, name, *words, before=()):
        return run(*before, "sh", SCRIPT, "--since=8.5", "--", *words,
                   env=dict(self.environment, DPKG_MAINTSCRIPT_NAME=name))

    def ask(self, *words):
        return run("sh", SCRIPT, *words, f"--root={self.root}",
                   env=self.environment)

    def damage(self, domain):
        os.mkdir(os.path.join(self.snapshots, domain))
        with open(os.path.join(self.snapshots, domain, "s1.xml"), "w",
                  encoding="ascii") as file:
            file.write("x")


def first_and_refused():
    """What a bulk libvirt would delete is kept, also where nothing else was."""
    with Scratch() as scratch:
        drv = Driver(scratch)
        drv.damage("bad")
        result = drv("postinst", "configure", "8.0")
        kept = [os.path.join(folder, name)
                for folder, _, names in os.walk(drv.states) for name in names
                if name == "s1.xml"]
        tally.check(result.returncode == 0 and len(kept) == 1,
                    "a copy of what is refused", (kept, result))
        # Where there is no way to keep it, libvirt must not see it.
        shutil.rmtree(drv.states)
        with open(drv.states, "w", encoding="ascii"):
            pass
        result = drv("postinst", "configure", "8.0")
        tally.check(result.returncode == 2 and b"cannot copy" in result.stderr,
                    "no copy of what is refused", result)


def names():
    """A finding in a domain called like a line of the plan is none."""
    with Scratch() as scratch:
        drv = Driver(scratch)
        drv.damage("plan: x")
        drv("postinst", "configure", "8.0")
        with open(drv.state, encoding="utf-8") as file:
            state = file.read()
        # Only a run that was no rehearsal says this.
        tally.check("Status: 1\n" in state and "see above" not in state,
                    "a domain called plan: x", state)


def architectures():
    """Of a package that is there for two, the version of the one that calls."""
    with Scratch() as scratch:
        drv = Driver(scratch)
        shutil.rmtree(drv.snapshots)
        shutil.copytree(STORE, drv.snapshots)
        same = "Architecture: {}\nMulti-Arch: same"
        with open(drv.books, "w", encoding="ascii") as file:
            for name, version in (("amd64", "9.0"), ("i386", "8.0")):
                file.write(BOOKS.replace("Architecture: all", same.format(name))
                           .replace("9.0", version))
        for name, layout in (("i386", "web"), ("amd64", "web.xml")):
            drv.environment["DPKG_MAINTSCRIPT_ARCH"] = name
            result = drv("postinst", "configure", "7.0")
            tally.check(result.returncode == 0 and
                        layout in os.listdir(drv.snapshots),
                        f"the version for {name}", result)


def full_disk():
    """The state file is whole, or the one before."""
    with Scratch() as scratch:
        drv = Driver(scratch)
        shutil.rmtree(drv.snapshots)
        shutil.copytree(STORE, drv.snapshots)
        tally.check(drv("postinst", "configure", "8.0").returncode == 0,
                    "an upgrade")
        with open(drv.state, "rb") as file:
            state = file.read()
        left = os.path.join(scratch, "left")
        fill = ("mount -t tmpfs -o size=16k none \"$0\" && "
                "cp \"$1\" \"$0/drv.state\" && "
                "{ dd if=/dev/zero of=\"$0/fill\" bs=1k 2>/dev/null; shift; "
                f"\"$@\"; status=$?; cp \"$0/drv.state\" '{left}'; "
                "exit $status; }")
        kept = os.path.join(scratch, "kept")
        shutil.copy(drv.state, kept)
        result = drv("prerm", "upgrade", "8.0",
                     before=("unshare", "-m", "sh", "-c",
                             fill, drv.states, kept))
        shutil.copy(kept, drv.state)
        if run("unshare", "-m", "true").returncode != 0:
            tally.skip("full disk: no mount namespaces here")
            return
        if not tally.check(os.path.exists(left), "a small disk", result):
            return
        with open(left, "rb") as file:
            tally.check(file.read() == state, "the state file is as it was")
        tally.check(result.returncode == 2 and b"make room" in result.stderr,
                    "a full disk is said", result)
        tally.check(os.path.isfile(os.path.join(drv.snapshots, "web.xml")),
                    "nothing was changed", os.listdir(drv.snapshots))


def links():
    """A link of a mounted system may lead into the running one."""
    with Scratch() as scratch:
        drv = Driver(scratch)
        elsewhere = os.path.join(scratch, "elsewhere")
        os.mkdir(elsewhere)
        os.symlink(elsewhere, drv.states)
        drv.damage("bad")
        for result in (drv("postinst", "configure", "8.0"), drv.ask("status"),
                       drv.ask("retry", "drv")):
            tally.check(result.returncode == 2 and
                        b"symbolic link" in result.stderr, "a link", result)
        tally.check(not os.listdir(elsewhere), "nothing is written elsewhere")


if os.geteuid() == 0 and shutil.which("dpkg-query"):
    first_and_refused()
    names()
    architectures()
    full_disk()
    links()
else:
    tally.skip("not root, or no dpkg")
tally.end()
