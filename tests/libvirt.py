#!/usr/bin/env python3
"""The real libvirt as a judge; tests/check-libvirt runs this.

It makes domains and snapshots of every kind, and they are to be the same to it
after a conversion and back, or after it read each member of a bulk file itself.
It is shown damaged directories, and has to show what --list foresees of them,
before and after a repair. And neither it nor the programs run while the other
is at work.
"""
import difflib
import os
import re
import shutil
import sys
import time
from xml.etree import ElementTree

import libvirt_checkpoint
import libvirt_damage
import libvirt_forecast
import libvirt_random
import libvirt_scene
import libvirt_values
from libvirt_daemon import (BASE, COMMAND, DRIVER_PID, LIMIT, Daemon, enter,
                            needed, said, virsh)
from support import (BUILD, FULL, MIGRATE, STORES, VERIFY, Tally, differences,
                     identities, run, tree, without_empty)

KILL = os.path.join(BUILD, "tests", "killbefore")
ASIDE = "/var/lib/libvirt/aside"
SCRATCH = "/var/lib/libvirt/scratch"
SEED = sys.argv[1] if len(sys.argv) > 1 else "1"
REFUSES = "Failed to acquire pid file"
tally = Tally()
began = time.monotonic()


def say(text):
    print(f"  {time.monotonic() - began:5.1f} s  {text}", flush=True)


def ran(status, program, *words):
    """A run must have this status; what it said is shown if not."""
    result = run(program, *words)
    output = (result.stdout + result.stderr).decode(errors="replace")
    tally.check(result.returncode == status,
                f"{os.path.basename(program)} {words}: {result.returncode}, "
                f"not {status}", output[-4000:])
    return output


def entries():
    """The snapshot directory as it is, to compare."""
    return tree(BASE)


def copy_to(path):
    """A copy of the snapshot directory, with all that is odd in it."""
    run("cp", "-a", BASE, path)


def put_back(copy):
    """The snapshot directory is to be as this copy of it."""
    shutil.rmtree(BASE)
    run("cp", "-a", copy, BASE)


class Told:
    """What libvirtd tells of the domains: by its API, and by virsh."""

    def __init__(self, domains):
        self.api = {name: libvirt_forecast.shown([os.fsencode(name)])[
            os.fsencode(name)] for name in domains}
        self.virsh = libvirt_scene.record(
            domains, {name: self.api[name][0] for name in domains})

    def snapshots(self):
        return sum(len(snapshots) for snapshots, _ in self.api.values())

    def same(self, other, label):
        """Hold another time against this one."""
        for name, text in self.virsh.items():
            new = other.virsh[name]
            tally.check(new == text and other.api[name] == self.api[name],
                        f"{label}: {name}", "\n".join(difflib.unified_diff(
                            text.split("\n"), new.split("\n"), lineterm="")))
        return self.snapshots()


def all_shown(layout):
    """Does --list foresee that this loader shows all and the other none?"""
    for domain in libvirt_forecast.listed()["domains"]:
        for snapshot in domain["snapshots"]:
            tally.check(snapshot[f"{layout}_loader"] == "shown",
                        f"--list: {domain['name']}: {snapshot['name']}",
                        snapshot)


def busy(what):
    """While libvirtd runs, nothing is converted; but looked at."""
    for words in ([], ["--export"], ["--repair=all", "--backup=" + SCRATCH],
                  [BASE]):
        before = identities(BASE), sorted(tree("/run"))
        ran(3, MIGRATE, *words)
        tally.check(before == (identities(BASE), sorted(tree("/run"))),
                    f"{what}: migrate {words} touched something")
    ran(0, VERIFY, "-q")


def locks_of_libvirt(scene):
    """It runs; it runs and a guest called `driver' took its pid file's name;
    and it runs while there is no such file."""
    busy("libvirtd runs")
    scene.define("driver")
    inode = os.stat(DRIVER_PID).st_ino
    needed("start", "driver")
    tally.check(os.stat(DRIVER_PID).st_ino != inode,
                "a guest called driver replaces driver.pid")
    busy("a guest is called driver")
    needed("destroy", "driver")
    tally.check(not os.path.exists(DRIVER_PID), "driver.pid is gone")
    busy("driver.pid is gone")


def locks_of_migrate(options):
    """libvirtd does not start from the first to the last thing it does; how
    often that was tried. The last of these runs is left to stand."""
    copy = SCRATCH + "/locks"
    output = SCRATCH + "/refused"
    copy_to(copy)
    words = [MIGRATE, "-q", "--jobs=1", *options]
    calls = run(KILL, "--list", *words).stderr.decode()
    locked = int(re.search(rf"^(\d+) openat {DRIVER_PID}$", calls,
                           re.MULTILINE)[1])
    # A name can hold a newline.
    last = int(re.findall(r"^(\d+) \w+ /", calls, re.MULTILINE)[-1])
    refused = 0
    for number in (locked + 1, (locked + last) // 2, last):
        put_back(copy)
        command = (f"timeout {LIMIT} {' '.join(COMMAND)} 2>{output}; "
                   f"[ $? != 124 ] && grep -q '{REFUSES}' {output}")
        result = run(KILL, "--run", command, str(number), *words)
        error = result.stderr.decode()
        refused += tally.check(
            result.returncode == 0 and f"ran before {number} " in error,
            f"libvirtd starts before call {number} of migrate {options}", error)
    shutil.rmtree(copy)
    return refused


def converts(daemon, scene):
    """There and back: libvirt is told nothing new."""
    told = Told(scene.domains)
    say(f"{len(scene.domains)} domains, {told.snapshots()} snapshots made")
    locks_of_libvirt(scene)
    told = Told(scene.domains)
    tally.check(daemon.stop() == 0, "libvirtd ends", said())
    say("while libvirtd runs, migrate exits 3")
    before = entries()
    ran(0, VERIFY)
    all_shown("legacy")
    refused = locks_of_migrate([])
    ran(0, VERIFY)
    all_shown("bulk")
    tally.check(all(name.endswith(b".xml") for name in os.listdir(
        os.fsencode(BASE)) if os.path.isfile(os.path.join(
            os.fsencode(BASE), name))), "bulk files only")
    again = identities(BASE)
    ran(0, MIGRATE)
    tally.check(identities(BASE) == again, "a second run changes something")
    refused += locks_of_migrate(["--export"])
    say(f"{refused} starts of libvirtd refused while migrate ran")
    tally.check(without_empty(before) == without_empty(entries()),
                "the directory after the export",
                differences(without_empty(before), without_empty(entries())))
    daemon.start()
    tally.check(needed("domstate", "busy").strip() == "running",
                "the guest that was running still runs")
    count = told.same(Told(scene.domains), "after migrate and export")
    say(f"{count} snapshots are what they were")
    return count


def works(scene):
    """What was exported can be worked with."""
    def current(domain):
        return needed("snapshot-current", domain, "--name").strip()

    needed("snapshot-revert", "web", "run1")
    tally.check(current("web") == "run1" and
                needed("domstate", "web").strip() == "running",
                "reverted to a running guest", current("web"))
    scene.take("web", "after the export")
    tally.check(current("web") == "after the export" and needed(
        "snapshot-parent", "web", "after the export").strip() == "run1",
        "a new snapshot is below it", current("web"))
    scene.take("busy", "three")
    needed("snapshot-revert", "busy", "one")
    needed("snapshot-revert", "foo", "first")
    scene.take("foo.xml", "third")
    for domain, name in (("web", "off3"), ("busy", "two"),
                         ("shorter", "d"), ("foo.xml.xml", "second")):
        needed("snapshot-delete", domain, name)
        tally.check(virsh("snapshot-info", domain, name)[0] == 1 and
                    not os.path.exists(f"{BASE}/{domain}/{name}.xml"),
                    f"{domain}: {name} is deleted")
    needed("destroy", "web")
    say("reverted, taken and deleted some")


def members(path):
    """Each <domainsnapshot> of a bulk file as it stands there, by name."""
    with open(path, "rb") as file:
        content = file.read()
    found = re.findall(rb"^  <domainsnapshot>\n.*?^  </domainsnapshot>\n",
                       content, re.DOTALL | re.MULTILINE)
    return {ElementTree.fromstring(text).findtext("name").encode(): text
            for text in found}


def redefined(told, report):
    """libvirt takes each member of the bulk files, parents first."""
    count = 0
    for domain in report["domains"]:
        name = os.fsdecode(libvirt_forecast.plain(domain["name"]))
        if domain["layout"] != "bulk":
            continue
        found = members(os.path.join(ASIDE, name + ".xml"))
        tally.check(len(found) == len(domain["snapshots"]),
                    f"members of {name}: {len(found)}")
        for snapshot in domain["snapshots"]:
            text = found[libvirt_forecast.plain(snapshot["name"])]
            path = SCRATCH + "/member.xml"
            with open(path, "wb") as file:
                file.write(text)
            words = ["--current"] if snapshot["current"] else []
            status, output, error = virsh(
                "snapshot-create", "--domain=" + name, path, "--redefine",
                *words)
            count += tally.check(status == 0, f"--redefine of {name}, "
                                 f"{snapshot['name']}", output + error)
    told.same(Told(list(told.virsh)), "after --redefine of each member")
    return count


def downgrade(daemon, scene):
    """A stock libvirt does not see bulk files; what is in them it takes when
    it is given it; and --export brings all of it back."""
    told = Told(scene.domains)
    tally.check(daemon.stop() == 0, "libvirtd ends", said())
    before = entries()
    ran(0, MIGRATE)
    report = libvirt_forecast.listed()
    daemon.start()
    none = Told(scene.domains)
    tally.check(none.snapshots() == 0, "a stock libvirt sees bulk files")
    say(f"of {told.snapshots()} snapshots in bulk files libvirt shows none")
    # Where foo.xml stands, a domain of that name could not be written.
    copy_to(ASIDE)
    for name in os.listdir(BASE):
        if os.path.isfile(os.path.join(BASE, name)):
            os.unlink(os.path.join(BASE, name))
    count = redefined(told, report)
    say(f"{count} members accepted by --redefine")
    tally.check(daemon.stop() == 0, "libvirtd ends", said())
    put_back(ASIDE)
    ran(0, MIGRATE, "--export")
    tally.check(without_empty(before) == without_empty(entries()),
                "the directory after another export",
                differences(without_empty(before), without_empty(entries())))
    daemon.start()
    told.same(Told(scene.domains), "after a downgrade and export")
    say("--export brings them back")
    return count


def forecast(daemon, label, counts):
    """Start libvirtd and hold it against what --list says now."""
    report = libvirt_forecast.listed()
    daemon.start()
    shown = libvirt_forecast.compare(tally, label, report, BASE, counts)
    tally.check(daemon.stop() == 0, "libvirtd ends", said())
    say(f"{label}: so far {counts.snapshots} shown and {counts.hidden} hidden "
        f"as foreseen, in {counts.domains} domains")
    return report, shown


def unchanged(report, shown, now):
    """After a conversion and back libvirt shows of each directory what it did
    before; but for what it shows in one way or another from start to start."""
    count = 0
    for domain in report["domains"]:
        name = libvirt_forecast.plain(domain["name"])
        if domain["layout"] != "legacy" or name not in shown or \
                not libvirt_forecast.Forecast(domain).certain():
            continue
        old, new = shown[name], now[name]
        if any(problem["severity"] == "error"
               for problem in domain["problems"]):
            old, new = ((sorted((child, parent) for child, (parent, _) in
                                snapshots.items()), current)
                        for snapshots, current in (old, new))
        count += tally.check(old == new, "after a conversion and back: "
                             f"{os.fsdecode(name)}", (old, new))
    say(f"{count} directories are shown as before after a conversion and back")


def damaged(daemon):
    """Directories damaged in every way, as they are and after repairs."""
    tally.check(daemon.stop() == 0, "libvirtd ends", said())
    counts = libvirt_forecast.Counts()
    crowd = libvirt_damage.Crowd()
    crowd.damages(SCRATCH + "/web")
    crowd.all_cases(SCRATCH)
    for store in STORES:
        crowd.store(store, SCRATCH)
    libvirt_random.fill(
        [f"{BASE}/{name}.xml" for name in ("mixed/in", "mixed/out", "db/both",
                                           "busy/three")],
        SEED, 5000 if FULL else 500)
    report = libvirt_forecast.listed(BASE)
    libvirt_damage.define(libvirt_forecast.plain(domain["name"])
                          for domain in report["domains"])
    say(f"{crowd.cases} damages and cases made, {len(crowd.skipped)} skipped; "
        f"seed {SEED} for random ones")
    copy = SCRATCH + "/damaged"
    copy_to(copy)
    report, shown = forecast(daemon, "damaged", counts)
    for name, answer in crowd.expected.items():
        snapshots, current = shown[name]
        tally.check(answer == ({child: parent for child, (parent, _) in
                                snapshots.items()}, current),
                    f"store: {os.fsdecode(name)}", (answer, snapshots))
    for options in ([], ["--export"]):
        result = run(MIGRATE, "-q", *options)
        tally.check(result.returncode == 1, f"migrate {options} of damaged",
                    result.stderr.decode(errors="replace")[-2000:])
    _, now = forecast(daemon, "after a conversion and back", counts)
    unchanged(report, shown, now)
    for repair in ("safe", "all"):
        put_back(copy)
        result = run(MIGRATE, "-q", "--export", "--repair=" + repair,
                     f"--backup={SCRATCH}/{repair}")
        tally.check(result.returncode == 1, f"--repair={repair} of damaged",
                    result.stderr.decode(errors="replace")[-2000:])
        forecast(daemon, "--repair=" + repair, counts)
    return counts


def verdicts(report, names):
    """Of each snapshot: is there an error, or at least a word about it?"""
    found = {name: None for name in names}
    for problem in report["problems"]:
        name = os.fsencode(problem.get("snapshot", ""))
        if name in found and problem["severity"] == "error":
            found[name] = "error"
        elif name in found and problem["id"] == "value-unknown":
            found[name] = found[name] or "warning"
    return found


def values(daemon):
    """Values in a <domain> one by one: what is called an error is hidden, and
    what is hidden is called an error or doubtful. Of those changed at random
    only the first."""
    shutil.rmtree(BASE)
    os.mkdir(BASE)
    labels = libvirt_values.fill()
    anything = libvirt_values.fill_any(SEED, 6000 if FULL else 1000)
    libvirt_damage.define([b"values", b"values.any"])
    reports = {domain["name"]: domain for domain in
               libvirt_forecast.listed(BASE)["domains"]}
    daemon.start()
    shown = libvirt_forecast.shown([b"values", b"values.any"])
    hidden = 0
    for name, verdict in verdicts(reports["values"], labels).items():
        is_shown = name in shown[b"values"][0]
        label = labels[name]
        hidden += not is_shown
        tally.check(not (is_shown and verdict == "error"),
                    f"values: {label}: libvirt shows it")
        tally.check(is_shown or verdict or label in libvirt_values.UNTOLD,
                    f"values: {label}: libvirt hides it")
    told = 0
    for name, verdict in verdicts(reports["values.any"], anything).items():
        is_shown = name in shown[b"values.any"][0]
        told += verdict is not None and not is_shown
        tally.check(not (is_shown and verdict == "error"),
                    "values: libvirt shows it", anything[name])
    say(f"{len(labels)} values in turn, {hidden} hidden; of {len(anything)} "
        f"changes at random {len(anything) - len(shown[b'values.any'][0])} "
        f"hidden, {told} of them foreseen")


def main():
    enter()
    os.mkdir(SCRATCH)
    with Daemon() as daemon:
        daemon.start()
        scene = libvirt_scene.make()
        same = converts(daemon, scene)
        shutil.copytree(BASE + "/web", SCRATCH + "/web")
        works(scene)
        members_taken = downgrade(daemon, scene)
        needed("destroy", "busy")
        checkpoints = libvirt_checkpoint.check(tally, daemon, scene, SCRATCH)
        say(f"{checkpoints.snapshots} checkpoints shown and "
            f"{checkpoints.hidden} hidden as foreseen, in "
            f"{checkpoints.domains} domains")
        counts = damaged(daemon)
        values(daemon)
    print(f"  {same} snapshots compared, {members_taken} members redefined, "
          f"{counts.snapshots + counts.hidden} forecasts compared in "
          f"{counts.domains} domains, {counts.unsure} not certain, "
          f"{daemon.starts} starts of libvirtd")
    tally.end()


if __name__ == "__main__":
    main()
