#!/usr/bin/env python3
"""virt-snapshot-maintscript in the scriptlets of a package, by a real rpm.

As maintscript.py, but rpm runs what comes in before what goes out, and goes on
when most scriptlets fail: only %pre, and %preun of an erasure, can refuse.
"""
import os
import re

from packages import KILL, System, folder, in_namespace
from support import Tally, differences, identities, run

tally = Tally()
SCRIPTLETS = ("pre", "post", "preun", "postun", "posttrans")
SPEC = """Name: toy
Version: %s
Release: %s
Summary: a toy
License: none
BuildArch: noarch
%%global evr %%{?epoch:%%{epoch}:}%%{version}-%%{release}
%%global whose --package=%%{name} --evr=%%{evr}
%%global snapshots virt-snapshot-maintscript --since=2.0 %%{whose}
%%description
A toy.
%%files
"""
SCRIPTLET = """%%%s
%s
case $FAIL in *"%s-%s;"*) echo "fails on purpose" >&2; exit 1 ;; esac
exit 0
"""
CALL = "%%{snapshots} --rpm=%s %s -- $1 || exit $?"


class Rpm:
    """A system and the versions of the toy package."""

    def __init__(self, system):
        self.system = system
        self.packages = {}
        for version in ("1.0-1", "1.5-1", "2.0-1", "3.0-1"):
            self.build(version, version != "1.0-1")
        self.build("2.0-2", True, "--stop=virtqemud.service")

    def build(self, evr, line, more=""):
        top = folder(self.system.scratch, "rpmbuild")
        version, release = evr.split("-")
        spec = os.path.join(top, "toy.spec")
        with open(spec, "w", encoding="ascii") as file:
            file.write(SPEC % (version, release))
            for name in SCRIPTLETS:
                file.write(SCRIPTLET % (
                    name, CALL % (name, more) if line else "", evr, name))
        built = run("rpmbuild", "-bb", "--define", "_topdir " + top,
                    "--define", "_tmppath " + top, spec)
        assert built.returncode == 0, built
        self.packages[evr] = os.path.join(top, "RPMS", "noarch",
                                          f"toy-{evr}.noarch.rpm")

    def __call__(self, *words, fail="", before=()):
        result = run(*before, "rpm", "--root=" + self.system.top,
                     "--dbpath=/var/lib/rpm",
                     *(["--nodeps"] if words[0] != "-q" else []),
                     *(self.packages.get(word, word) for word in words),
                     env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
                          "HOME": "/", "FAIL": fail,
                          "ASAN_OPTIONS": "detect_leaks=0"})
        result.text = os.fsdecode(result.stdout + result.stderr)
        return result

    def to(self, version, **options):
        return self("-U", "--oldpackage", "--replacepkgs", version, **options)

    def books(self):
        asked = self("-q", "--qf", "%{VERSION}-%{RELEASE} ", "toy")
        return asked.text.split("\n")[-1].strip() if not asked.returncode \
            else ""

    def expect(self, label, books, layout, state, detail=None):
        found = (self.books(), self.system.layout(), self.system.state())
        tally.check(found == (books, layout, state), label,
                    (found, detail and detail.text))

    def installed(self, *versions, **options):
        self.system.fresh(**options)
        for version in versions:
            result = self.to(version)
            assert result.returncode == 0, result.text


def plain(rpm):
    """Nothing fails."""
    system = rpm.system
    rpm.installed("2.0-1", snapshots=False)
    tally.check(not os.path.exists(system.base) and
                not os.path.exists(system.states),
                "first install, no directory: nothing")
    rpm.installed("2.0-1")
    rpm.expect("first install, snapshots there", "2.0-1", "bulk",
               ("bulk", "0"))
    rpm.installed("1.0-1")
    rpm.expect("the old one", "1.0-1", "legacy", None)
    result = rpm.to("2.0-1")
    rpm.expect("upgrade", "2.0-1", "bulk", ("bulk", "0"), result)
    before = identities(system.base)
    for version in ("3.0-1", "2.0-1", "2.0-1"):
        result = rpm.to(version)
        rpm.expect(f"then {version}", version, "bulk", ("bulk", "0"), result)
    tally.check(identities(system.base) == before,
                "between two that read bulk files nothing is touched")
    result = rpm.to("1.0-1")
    rpm.expect("downgrade: byte for byte as it was", "1.0-1", "legacy",
               ("legacy", "0"), result)
    rpm.to("2.0-1")
    result = rpm.to("1.5-1")
    rpm.expect("down to one with the line", "1.5-1", "legacy",
               ("legacy", "0"), result)
    result = rpm.to("3.0-1")
    rpm.expect("and up again", "3.0-1", "bulk", ("bulk", "0"), result)
    result = rpm("-e", "toy")
    rpm.expect("erased", "", "legacy", None, result)
    tally.check(not os.path.exists(system.states), "nor is a directory left")
    rpm.to("2.0-1")
    rpm.expect("installed again", "2.0-1", "bulk", ("bulk", "0"))


def failing(rpm):
    """A scriptlet fails; then what the administrator wanted, once more."""
    for old, new, fail, books, layout in (
            ("1.0-1", "2.0-1", "2.0-1-pre;", "1.0-1", "legacy"),
            ("1.0-1", "2.0-1", "2.0-1-post;", "2.0-1", "bulk"),
            ("1.0-1", "2.0-1", "1.0-1-preun;", "1.0-1 2.0-1", "bulk"),
            ("1.0-1", "2.0-1", "1.0-1-postun;", "2.0-1", "bulk"),
            ("2.0-1", "1.0-1", "1.0-1-pre;", "2.0-1", "bulk"),
            ("2.0-1", "1.0-1", "1.0-1-post;", "1.0-1", "legacy"),
            ("2.0-1", "1.0-1", "2.0-1-preun;", "1.0-1 2.0-1", "legacy"),
            ("2.0-1", "1.5-1", "1.5-1-pre;", "2.0-1", "bulk"),
            ("2.0-1", "3.0-1", "3.0-1-pre;", "2.0-1", "bulk")):
        rpm.installed(old)
        result = rpm.to(new, fail=fail)
        found = (" ".join(sorted(rpm.books().split())), rpm.system.layout())
        tally.check(found == (books, layout), f"{old} to {new} with {fail}",
                    (found, result.text))
        if " " in books:
            rpm("-e", "toy-" + old)
        else:
            result = rpm.to(new)
        rpm.expect(f"{old} to {new} with {fail}, then again", new,
                   "legacy" if new[0] == "1" else "bulk", rpm.system.state(),
                   result)


def busy(rpm):
    """libvirt runs."""
    system = rpm.system
    rpm.installed("1.0-1")
    before = identities(system.base)
    system.hold()
    result = rpm.to("2.0-1")
    tally.check(result.returncode and "libvirt's driver runs" in result.text
                and "or repeat what you did" in result.text and
                identities(system.base) == before,
                "upgrade with libvirt running: refused", result.text)
    rpm.expect("the old one is left", "1.0-1", "legacy", None)
    system.release()
    rpm.to("2.0-1")
    rpm.expect("with libvirt stopped", "2.0-1", "bulk", ("bulk", "0"))
    system.hold()
    result = rpm("-e", "toy")
    tally.check(result.returncode and "libvirt's driver runs" in result.text,
                "erasure with libvirt running: refused", result.text)
    tally.check((rpm.books(), system.layout()) == ("2.0-1", "bulk"),
                "it is still there")
    result = rpm.to("1.5-1")
    tally.check(result.returncode and rpm.books() == "2.0-1",
                "downgrade to one with the line: refused", result.text)
    result = rpm.to("1.0-1")
    tally.check("retry toy" in result.text, "it cannot refuse a downgrade to "
                "one without, but says what to do", result.text)
    rpm.expect("rpm's books are in order", "1.0-1", "bulk", ("legacy", "3"))
    tally.check("libvirt's driver runs" in system.text("log"),
                "the system log has it")
    system.release()
    told = system.helper("status")
    tally.check(told.returncode == 1 and b"preun 1" in told.stdout,
                "status has it", told)
    again = system.helper("retry", "toy")
    rpm.expect("retry", "1.0-1", "legacy", ("legacy", "0"))
    tally.check(again.returncode == 0, "retry says so", again)
    rpm.installed("1.0-1", snapshots=False)
    os.makedirs(system.base)
    system.hold()
    result = rpm.to("2.0-1")
    system.release()
    tally.check(rpm.books() == "2.0-1", "no snapshots, libvirt running",
                result.text)


def damaged(rpm):
    """A domain is refused."""
    system = rpm.system
    rpm.installed("1.0-1")
    system.damage()
    before = system.snapshots()
    result = rpm.to("2.0-1")
    tally.check((rpm.books(), system.state()) == ("2.0-1", ("bulk", "1")) and
                "Some domains were refused" in result.text and
                os.path.isfile(os.path.join(system.base, "foo.xml")),
                "upgrade with a damaged domain goes on", result.text)
    result = rpm.to("1.0-1")
    wrong = differences(system.snapshots(), before)
    tally.check(rpm.books() == "1.0-1" and wrong == [b"emptied"],
                "downgrade with it: to the byte", (wrong, result.text))
    rpm.installed("2.0-1")
    with open(os.path.join(system.base, "diskless.xml"), "ab") as file:
        file.write(b"<rest/>\n")
    result = rpm.to("1.0-1")
    told = system.helper("status")
    tally.check(rpm.books() == "1.0-1" and told.returncode == 1 and
                b"no snapshot of: 'diskless.xml'." in told.stdout,
                "a downgrade that hides one says so", (told, result.text))


def killed(rpm):
    """rpm and all that it runs are killed while snapshots are converted."""
    system = rpm.system
    for old, new in (("1.0-1", "2.0-1"), ("2.0-1", "1.0-1")):
        rpm.installed(old)
        listed = rpm.to(new, before=(KILL, "--list"))
        numbers = [int(number) for number in re.findall(
            r"^(\d+) .*/libvirt/qemu/snapshot", listed.text, re.MULTILINE)]
        for number in numbers[1::len(numbers) // 4]:
            rpm.installed(old)
            cut = rpm.to(new, before=(KILL, str(number)))
            told = system.helper("status")
            tally.check(told.returncode == 1 and b"interrupted" in told.stdout,
                        "status says that it was interrupted", told)
            again = system.helper("retry")
            layout = "bulk" if new[0] == "2" else "legacy"
            found = (cut.returncode, again.returncode, system.layout())
            tally.check(found == (99, 0, layout),
                        f"{old} to {new}, killed before {number}", found)


def other(rpm):
    """Units, arguments."""
    system = rpm.system
    rpm.installed("1.0-1")
    system.run_units("virtqemud.service")
    rpm.to("2.0-2")
    cycle = "stop virtqemud.service\nstart virtqemud.service\n"
    tally.check(system.text("units") == cycle, "--stop on an upgrade",
                system.text("units"))
    result = rpm.to("1.0-1")
    tally.check(system.text("units") == cycle * 2, "--stop on a downgrade",
                (system.text("units"), result.text))
    rpm.to("2.0-2")
    rpm("-e", "toy")
    tally.check(system.text("units").endswith("start virtqemud.service\n"
                "stop virtqemud.service\n"), "--stop on an erasure",
                system.text("units"))
    for given, why in (
            (("--rpm=post", "--", "1"), "needs --package and --evr"),
            (("--rpm=past", "--package=t", "--evr=2-1", "--", "1"),
             "no such scriptlet"),
            (("--rpm=post", "--package=t", "--evr=2-1", "--", "x"),
             "no number of versions"),
            (("--rpm=post", "--package=t", "--evr=%{lua:}", "--", "1"),
             "is no version")):
        result = system.helper("--since=2.0", *given)
        tally.check(result.returncode == 2 and why.encode() in result.stderr,
                    f"refused: {given}", result)


def tests(system: System):
    rpm = Rpm(system)
    for test in (plain, failing, busy, damaged, killed, other):
        test(rpm)


in_namespace(tally, tests, "rpm", "rpmbuild")
