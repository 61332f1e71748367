#!/usr/bin/env python3
"""virt-snapshot-maintscript in the scripts of a package, by a real dpkg.

A toy package of several versions is installed, upgraded, downgraded, removed;
scripts fail on purpose, libvirt's lock is held, dpkg is killed. Whatever
happens, the snapshot directory must be in the layout that the version which is
left there reads, to the byte, or be refused with the reason.
"""
import os
import re
import shutil

from packages import KILL, PATH, Dpkg, System, in_namespace
from support import (FULL, WHOLE, Tally, differences, identities, run,
                     without_empty)

tally = Tally()


def plain(dpkg):
    """Nothing fails."""
    system = dpkg.system
    system.fresh(snapshots=False)
    result = dpkg("-i", "2.0")
    tally.check(result.returncode == 0 and not os.path.exists(system.base) and
                not os.path.exists(system.states),
                "first install, no directory: nothing", result.text)
    dpkg.installed("2.0")
    dpkg.expect("first install, snapshots there", "2.0 installed", "bulk",
                ("bulk", "0"))
    dpkg.installed("1.0")
    dpkg.expect("the old one", "1.0 installed", "legacy", None)
    result = dpkg("-i", "2.0")
    dpkg.expect("upgrade", "2.0 installed", "bulk", ("bulk", "0"), result.text)
    tally.check("maintscript" not in result.text, "an upgrade says nothing",
                result.text)
    told = system.helper("status")
    tally.check(told.returncode == 0 and b"toy: postinst configure 1.0" in
                told.stdout, "status after an upgrade", told)
    before = identities(system.base)
    dpkg("-i", "3.0")
    dpkg("-i", "2.0")
    tally.check(identities(system.base) == before,
                "between two that read bulk files nothing is touched")
    result = dpkg("-i", "1.0")
    dpkg.expect("downgrade: byte for byte as it was", "1.0 installed",
                "legacy", ("legacy", "0"), result.text)
    dpkg("-i", "2.0")
    dpkg.expect("and up again", "2.0 installed", "bulk", ("bulk", "0"))
    dpkg("-i", "1.5")
    dpkg.expect("down to one with the line", "1.5 installed", "legacy",
                ("legacy", "0"))
    told = system.helper("status")
    tally.check(told.returncode == 0 and b"postinst configure 2.0" in
                told.stdout and b"plan" not in told.stdout,
                "status shows no empty plan", told)


def removed(dpkg):
    """Removed, purged, installed again."""
    dpkg.installed("1.0", "2.0")
    dpkg("-r", "toy")
    dpkg.expect("removed", "2.0 config-files", "legacy", ("legacy", "0"))
    dpkg("-i", "2.0")
    dpkg.expect("installed again", "2.0 installed", "bulk", ("bulk", "0"))
    dpkg("-r", "toy")
    dpkg("-i", "1.0")
    dpkg.expect("removed, then an older one", "1.0 installed", "legacy",
                ("legacy", "0"))
    dpkg("-i", "2.0")
    dpkg("-P", "toy")
    dpkg.expect("purged", "", "legacy", None)
    tally.check(not os.path.exists(dpkg.system.states),
                "nor is its directory left")
    dpkg("-i", "2.0")
    dpkg.expect("installed after a purge", "2.0 installed", "bulk",
                ("bulk", "0"))
    dpkg.system.hold()
    result = dpkg("-r", "toy")
    dpkg.system.release()
    tally.check(result.returncode and "libvirt is running" in result.text,
                "removal with libvirt running: refused", result.text)
    dpkg.expect("it stays installed", "2.0 installed", "bulk", ("bulk", "0"))
    result = dpkg("-r", "toy", fail="2.0-prerm-remove;")
    dpkg.expect("abort-remove", "2.0 installed", "bulk", ("bulk", "0"),
                result.text)


ABORTS = (
    # from, to, what fails; dpkg's status, layout and state then
    ("1.0", "2.0", "1.0-prerm-upgrade;2.0-prerm-failed-upgrade;",
     "1.0 installed", "legacy", None),
    ("1.0", "2.0", "1.0-prerm-upgrade;", "2.0 installed", "bulk",
     ("bulk", "0")),
    ("1.0", "2.0", "2.0-preinst-upgrade;", "1.0 installed", "legacy", None),
    ("1.0", "2.0", "1.0-postrm-upgrade;2.0-postrm-failed-upgrade;",
     "1.0 installed", "legacy", None),
    ("1.0", "2.0", "2.0-postinst-configure;", "2.0 half-configured", "bulk",
     ("bulk", "0")),
    ("1.5", "2.0", "2.0-preinst-upgrade;", "1.5 installed", "legacy", None),
    ("2.0", "1.0", "2.0-prerm-upgrade;1.0-prerm-failed-upgrade;",
     "2.0 installed", "bulk", ("bulk", "0")),
    ("2.0", "1.5", "2.0-prerm-upgrade;1.5-prerm-failed-upgrade;",
     "2.0 installed", "bulk", ("bulk", "0")),
    ("2.0", "1.0", "2.0-prerm-upgrade;", "1.0 installed", "legacy",
     ("legacy", "0")),
    ("2.0", "1.0", "1.0-preinst-upgrade;", "2.0 installed", "bulk",
     ("bulk", "0")),
    ("2.0", "1.0", "1.0-preinst-upgrade;1.0-postrm-abort-upgrade;",
     "2.0 half-installed", "legacy", ("legacy", "0")),
    ("2.0", "1.0", "2.0-postrm-upgrade;1.0-postrm-failed-upgrade;",
     "2.0 installed", "bulk", ("bulk", "0")),
    ("2.0", "1.0", "1.0-postinst-configure;", "1.0 half-configured", "legacy",
     ("legacy", "0")),
    ("2.0", "3.0", "3.0-preinst-upgrade;", "2.0 installed", "bulk",
     ("bulk", "0")),
)


def aborted(dpkg):
    """A script of the one or the other fails; then the other is installed
    again, and this one after it."""
    for old, new, fail, status, layout, state in ABORTS:
        label = f"{old} to {new} with {fail}"
        dpkg.installed(old)
        result = dpkg("-i", new, fail=fail)
        dpkg.expect(label, status, layout, state, result.text)
        for version in (old, new):
            result = dpkg("-i", version)
            reads = "legacy" if version.startswith("1") else "bulk"
            found = (dpkg.status(), dpkg.system.layout())
            tally.check(found == (version + " installed", reads),
                        f"{label}, then {version}", (found, result.text))


def busy(dpkg):
    """libvirt runs."""
    system = dpkg.system
    dpkg.installed("1.0")
    system.hold()
    before = identities(system.base)
    result = dpkg("-i", "2.0")
    dpkg.expect("upgrade with libvirt running", "2.0 half-configured",
                "legacy", ("bulk", "3"), result.text)
    tally.check(identities(system.base) == before and
                "libvirt's driver runs" in result.text and
                "'dpkg --configure toy'" in result.text,
                "it says why and what to do", result.text)
    tally.check("libvirt's driver runs" in system.text("log"),
                "so does the system log", system.text("log"))
    told = system.helper("status", "toy")
    tally.check(told.returncode == 1 and b"(systemctl stop 'libvirtd*' "
                b"'virtqemud*')" in told.stdout, "so does status", told)
    again = system.helper("retry")
    tally.check(again.returncode == 3, "retry, still running", again)
    system.release()
    dpkg("--configure", "-a")
    dpkg.expect("configured again", "2.0 installed", "bulk", ("bulk", "0"))

    system.hold()
    for version in ("bare", "1.5"):
        result = dpkg("-i", version)
        dpkg.expect(f"downgrade to {version} with libvirt running: refused",
                    "2.0 installed", "bulk", ("bulk", "0"), result.text)
        tally.check(result.returncode == 1, "dpkg fails", result.text)
    # Something to convert, but busy as before: the abort succeeds.
    os.mkdir(os.path.join(system.base, "unused"))
    result = dpkg("-i", "bare")
    os.rmdir(os.path.join(system.base, "unused"))
    dpkg.expect("an empty directory there", "2.0 installed", "bulk",
                ("bulk", "3"), result.text)
    result = dpkg("-i", "1.0")
    tally.check("went OK" in result.text and "then 'virt-snapshot-maintscript "
                "retry toy'" in result.text,
                "the other's prerm overrules; the way out is named",
                result.text)
    dpkg.expect("it was overruled", "1.0 installed", "bulk", ("legacy", "3"))
    system.release()
    again = system.helper("retry", "toy")
    tally.check(again.returncode == 0, "retry", again)
    dpkg.expect("retry after it", "1.0 installed", "legacy", ("legacy", "0"))
    # libvirt ends while the other is unpacked.
    dpkg.installed("2.0")
    system.hold()
    result = dpkg("-i", "ends libvirt", fail=f"kill {system.holder}")
    tally.check("libvirt is running" in result.text, "prerm could not",
                result.text)
    dpkg.expect("but postrm could", "1.0 installed", "legacy",
                ("legacy", "0"), result.text)
    # Nothing to convert: then it does not matter who runs.
    dpkg.installed("1.0", snapshots=False)
    os.makedirs(system.base)
    system.hold()
    result = dpkg("-i", "2.0")
    system.release()
    tally.check(result.returncode == 0, "no snapshots, libvirt running",
                result.text)


def damaged(dpkg):
    """A domain is refused."""
    system = dpkg.system
    dpkg.installed("1.0")
    system.damage()
    before = system.snapshots()
    result = dpkg("-i", "2.0")
    tally.check(result.returncode == 0 and "parent-missing" in result.text and
                "Some domains were refused" in result.text,
                "upgrade with a damaged domain goes on", result.text)
    now = system.snapshots()
    tally.check(system.state() == ("bulk", "1") and
                now[b"damaged/child.xml"] == before[b"damaged/child.xml"] and
                not differences(dict(system.bulk), {
                    name: entry for name, entry in now.items()
                    if not name.startswith(b"damaged")}),
                "the others are converted, it is left")
    kept = [name for name in os.listdir(system.states) if "refused" in name]
    tally.check(len(kept) == 1 and os.path.exists(os.path.join(
        system.states, kept[0], "damaged", "child.xml")) and
        os.lstat(os.path.join(system.states, kept[0])).st_mode & 0o777 == 0o700,
        "and a copy of it is kept", kept)
    told = system.helper("status")
    tally.check(told.returncode == 1 and b"damaged/child.xml" in told.stdout,
                "status names it", told)
    result = dpkg("-i", "1.0")
    tally.check(result.returncode == 0 and dpkg.status() == "1.0 installed" and
                not differences(system.snapshots(), without_empty(before)),
                "downgrade with it: to the byte", result.text)
    told = system.helper("status")
    tally.check(told.returncode == 1 and b"no bulk file is left" in
                told.stdout, "status then", told)
    dpkg("-i", "2.0")
    dpkg("-P", "toy")
    tally.check(dpkg.status() == "" and system.state() is None and
                os.path.isdir(os.path.join(system.states, kept[0])),
                "a purge leaves copies of what was refused",
                os.listdir(system.states))

    # Nothing but what is refused: then it does not matter who runs.
    dpkg.installed("1.0", snapshots=False)
    system.damage()
    system.hold()
    result = dpkg("-i", "2.0")
    system.release()
    tally.check(result.returncode == 0 and system.state() == ("bulk", "1") and
                "parent-missing" in result.text,
                "nothing but a damaged domain, libvirt running", result.text)

    dpkg.installed("2.0")
    victim = sorted(name for name in os.listdir(system.base))[0]
    with open(os.path.join(system.base, victim), "ab") as file:
        file.write(b"<rest/>\n")
    before = system.snapshots()
    for version in ("bare", "1.5"):
        result = dpkg("-i", version)
        tally.check(result.returncode and f": '{victim}'." in result.text and
                    "--repair=all" in result.text,
                    f"downgrade to {version} that would hide it: refused",
                    result.text)
        tally.check(dpkg.status() == "2.0 installed" and not differences(
            system.snapshots(), before), "all is as it was")
        said = "Refused in" + result.text.rpartition("Refused in")[2]
        told = system.helper("status").stdout.decode()
        for text in (said, told):
            tally.check(f"would show no snapshot of: '{victim}'." in text and
                        "A DAMAGED FILE" in text and "each in its directory "
                        "or its bulk file" in text,
                        "the reason is said last, and by status", text)
    result = dpkg("-i", "1.0")
    told = system.helper("status")
    tally.check("went OK" in result.text and told.returncode == 1 and
                victim.encode() in told.stdout, "overruled, and said", told)
    tally.check(os.path.isdir(os.path.join(system.base, sorted(
        name for name in os.listdir(system.base) if name != victim)[0])),
        "the others were exported")
    os.rename(os.path.join(system.base, victim), system.at("tmp/aside"))
    again = system.helper("retry")
    tally.check(again.returncode == 0 and system.state() == ("legacy", "0"),
                "moved away, and tried again", again)

    # The middle one of three that hold each other's names.
    dpkg.installed("2.0")
    damaged = os.path.join(system.base, "foo.xml.xml")
    names = sorted(name for name in os.listdir(system.base)
                   if name.startswith("foo.xml"))
    with open(damaged, "ab") as file:
        file.write(b"<rest/>\n")
    dpkg("-i", "1.0")
    told = system.helper("status").stdout
    left = sorted(name for name in os.listdir(system.base)
                  if os.path.isfile(os.path.join(system.base, name)))
    tally.check(left == names[1:] and left[0] == "foo.xml.xml" and
                b"Leave " + " ".join(f"'{name}'" for name in left[1:]).encode()
                + b":" in told and b"and no other;" in told,
                "sound files that wait for a name are to be left",
                (names, left, told))
    os.unlink(damaged)
    again = system.helper("retry")
    tally.check(again.returncode == 0 and not os.path.isfile(os.path.join(
        system.base, left[-1])), "they follow the damaged one", again)


def killed(dpkg):
    """dpkg and all that it runs are killed while snapshots are converted."""
    system = dpkg.system
    for old, new, then in (("1.0", "2.0", ("--configure", "-a")),
                           ("2.0", "1.0", ("-i", "2.0")),
                           ("2.0", "1.0", ("-i", "1.0"))):
        dpkg.installed(old)
        listed = dpkg("-i", new, before=(KILL, "--list"))
        numbers = [int(number) for number in re.findall(
            r"^(\d+) .*/(?:libvirt/qemu/snapshot|virt-snapshot-tools)",
            listed.text, re.MULTILINE)]
        tally.check(len(numbers) > 30, "there is something to kill", listed)
        step = 1 if WHOLE else len(numbers) // (15 if FULL else 6)
        for number in numbers[::step]:
            dpkg.installed(old)
            cut = dpkg("-i", new, before=(KILL, str(number)))
            result = dpkg(*then)
            label = f"{old} to {new}, killed before {number}, then {then}"
            version = new if then[0] == "--configure" else then[1]
            found = (cut.returncode, dpkg.status(), system.layout())
            tally.check(found == (99, version + " installed",
                                  "legacy" if version == "1.0" else "bulk"),
                        label, (found, result.text))


def units(dpkg):
    """With --stop, and a systemctl that only writes down what it is told."""
    system = dpkg.system
    dpkg.installed("1.0")
    system.run_units("virtqemud.socket", "other.service")
    dpkg("-i", "2.0+stop")
    tally.check(system.text("units") == "stop virtqemud.socket\n"
                "start virtqemud.socket\n", "upgrade: what ran is stopped "
                "and started", system.text("units"))
    dpkg("-i", "1.0")
    tally.check(system.text("units").endswith("stop virtqemud.socket\n"),
                "downgrade: the old libvirt starts it", system.text("units"))
    dpkg("-i", "2.0+stop")
    tally.check(system.text("units").count("\n") == 3,
                "what did not run is not started", system.text("units"))
    with open(system.at("active"), "a", encoding="ascii") as file:
        file.write("virtqemud.service\n")
    result = dpkg("-i", "1.0", fail="1.0-preinst-upgrade;")
    tally.check(system.text("units").endswith("stop virtqemud.service\n"
                "start virtqemud.service\n"), "a downgrade that is aborted",
                (system.text("units"), result.text))
    dpkg.installed("1.0")
    system.run_units("virtqemud.service")
    words = dpkg("-i", "2.0+stop", before=(KILL, "--list")).text
    number = max(int(number) for number in re.findall(
        r"^(\d+) .*/libvirt/qemu/snapshot", words, re.MULTILINE))
    dpkg.installed("1.0")
    system.run_units("virtqemud.service")
    dpkg("-i", "2.0+stop", before=(KILL, str(number)))
    cut = system.text("units")
    dpkg("--configure", "-a")
    tally.check((cut, system.text("units")) == (
        "stop virtqemud.service\n", "stop virtqemud.service\n"
        "start virtqemud.service\n"), "killed meanwhile: started by the next",
        (cut, system.text("units")))
    dpkg.installed("1.0")
    system.run_units("virtqemud.service")
    system.hold()
    result = dpkg("-i", "2.0+stop")
    system.release()
    cut = system.text("units")
    tally.check("virtqemud.service: stopped, and not started" in result.text,
                "nothing is started after a failure", result.text)
    dpkg("--configure", "-a")
    tally.check((cut, system.text("units"), system.layout()) == (
        "stop virtqemud.service\n", "stop virtqemud.service\n"
        "start virtqemud.service\n", "bulk"), "but when it is done",
        (cut, system.text("units")))


def ordinary(dpkg):
    """An ordinary user asks."""
    system = dpkg.system
    dpkg.installed("1.0", "2.0")
    for mode, which in ((0o755, b"toy.state' may not"),
                        (0o700, b"virt-snapshot-tools' may not")):
        os.chmod(system.states, mode)
        for words in (("status",), ("status", "toy"), ("retry", "toy")):
            told = system.helper(*words, user="65534:65534")
            tally.check((told.returncode, told.stdout,
                         told.stderr.count(b"\n")) == (2, b"", 1) and
                        which in told.stderr and b"as root" in told.stderr,
                        f"an ordinary user, {mode:o}: {words}", told)


def other(dpkg):
    """--backup, no chroot, arguments."""
    system = dpkg.system
    dpkg.installed("1.0", "2.0+keep")
    tally.check(sorted(os.listdir(system.at("var/tmp/kept"))) == ["legacy"],
                "--backup keeps what was replaced")
    dpkg.installed("1.0", snapshots=False)
    os.makedirs(os.path.join(system.base, "web", "notes"))
    shutil.copy(os.path.join(system.start, "snapshot", "diskless", "z.xml"),
                os.path.join(system.base, "web"))
    path = os.path.join(system.base, "web", "z.xml")
    with open(path, "a", encoding="ascii") as file:
        file.write("<!-- behind the snapshot -->\n")
    result = dpkg("-i", "2.0+keep")
    tally.check(system.state() == ("bulk", "0") and
                os.path.isfile(os.path.join(system.base, "web.xml")),
                "--backup also decides what is refused", result.text)
    # The scripts run in our own system, and are told where the other is.
    dpkg.installed("1.0")
    words = ("--force-script-chrootless", "-i")
    outside = {**PATH, "FAIL": "",
               "PATH": system.at("usr/sbin") + ":" + PATH["PATH"]}
    for version, layout in (("2.0", "bulk"), ("1.0", "legacy")):
        result = run(*dpkg.words(*words, version), env=outside)
        dpkg.expect(f"without chroot: {version}", version + " installed",
                    layout, (layout, "0"), result)
    told = run(system.at("usr/sbin/virt-snapshot-maintscript"), "status",
               "--root=" + system.top)
    tally.check(told.returncode == 0 and b"toy: prerm upgrade 1.0" in
                told.stdout, "status --root", told)
    called = {"DPKG_MAINTSCRIPT_NAME": "prerm",
              "DPKG_MAINTSCRIPT_PACKAGE": "toy", **PATH}
    for given, why in (
            (("--", "upgrade", "1.0"), "--since=VERSION is needed"),
            (("--since=2.0",), "arguments of the script"),
            (("--since=2 0", "--", "upgrade", "1.0"), "is no version"),
            (("--since=2.0", "--", "tumble"), "is no call"),
            (("--since=2.0", "--package=../x", "--", "upgrade"), "no name"),
            (("--since=2.0", "--nonsense", "--", "x"), "not known"),
            (("status", "--nonsense"), "not known"),
            (("status", "a/b"), "no name of a package"),
            (("retry", "nosuch"), "nothing is known")):
        result = run("/usr/sbin/chroot", system.top,
                     "/usr/sbin/virt-snapshot-maintscript", *given, env=called)
        tally.check(result.returncode == 2 and why.encode() in result.stderr,
                    f"refused: {given}", result)
    path = system.at("usr/sbin/virt-snapshot-migrate")
    os.rename(path, path + ".away")
    dpkg.installed("1.0")
    result = dpkg("-i", "2.0")
    os.rename(path + ".away", path)
    tally.check(result.returncode and "is not installed" in result.text,
                "without virt-snapshot-migrate", result.text)
    dpkg.expect("nothing was done", "2.0 half-configured", "legacy",
                ("bulk", "2"))
    with open(os.path.join(system.states, "toy.state"), "wb") as file:
        file.write(b"rubbish\n")
    told = system.helper("status")
    tally.check(told.returncode == 2 and b"is damaged" in told.stderr,
                "a state file that is none", told)
    dpkg.installed("1.0")
    with open(system.states, "wb"):
        pass
    before = identities(system.base)
    result = dpkg("-i", "2.0")
    tally.check(result.returncode and "cannot write" in result.text and
                identities(system.base) == before,
                "no place for the state: nothing is changed", result.text)
    os.unlink(system.states)
    dpkg("--configure", "-a")
    dpkg.expect("with a place", "2.0 installed", "bulk", ("bulk", "0"))


def tests(system: System):
    dpkg = Dpkg(system, tally)
    for test in (plain, removed, aborted, busy, damaged, killed, units,
                 ordinary, other):
        test(dpkg)


in_namespace(tally, tests, "dpkg", "dpkg-deb")
