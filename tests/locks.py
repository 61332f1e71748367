#!/usr/bin/env python3
"""Who may be at work beside whom.

Two runs that are started at the same instant, in every pair that could hurt:
one waits in vain and says so, or they come one after the other; either way the
end is that of one run, and nothing is lost. verify beside migrate tells what is
true before or after. While a run stands still, every spelling of its directory
is taken. What can happen to libvirt's lock is in driver_lock.py.
"""
import itertools
import os
import re
import shutil
import signal
import subprocess
import time

from runs import bulk_store, damaged_store, legacy_store, side_by_side
from support import BUILD, FULL, MIGRATE, VERIFY, Scratch, Tally, run
from watch import TOO_LONG, attempt, complaint, entries, lost, regular

HOLD = os.path.join(BUILD, "tests", "hold-lock")
KILL = os.path.join(BUILD, "tests", "killbefore")
ROUNDS = 150 if FULL else 4
tally = Tally()


def called(words):
    """The changing calls of a whole run: name and path of each."""
    listed = run(KILL, "--list", *words)
    assert listed.returncode == 0, listed
    return re.findall(r"^\d+ (\S+ .*)$", os.fsdecode(listed.stderr),
                      re.MULTILINE)


class System:
    """A mounted system: a snapshot directory, and where libvirt's lock is."""

    def __init__(self, scratch, make=legacy_store, pids=True):
        self.top = os.path.join(scratch, "system")
        self.base = os.path.join(self.top, "var/lib/libvirt/qemu/snapshot")
        self.run = os.path.join(self.top, "run/libvirt/qemu")
        self.pid_file = os.path.join(self.run, "driver.pid")
        self.kept = os.path.join(scratch, "kept")
        self.start = os.path.join(scratch, "start")
        self.pids = pids
        make(self.start)
        self.fresh()

    def fresh(self):
        for path in (self.base, os.path.join(self.top, "run"),
                     *(self.kept + end for end in ("", "-2", "1", "2"))):
            shutil.rmtree(path, ignore_errors=True)
        shutil.copytree(self.start, self.base)
        if self.pids:
            os.makedirs(self.run)
        self.before = regular(self.base)

    def words(self, words):
        """@R: the mounted system, @B: its directory, @K: a backup."""
        return [word.replace("@R", self.top).replace("@B", self.base)
                .replace("@K", self.kept) for word in words]


def at_once(*commands):
    """Commands that begin at the same instant: (status, stdout, stderr)."""
    gate, opens = os.pipe()
    children = [subprocess.Popen(
        ["sh", "-c", 'read -r line; exec "$@"', "sh", *words], stdin=gate,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE) for words in commands]
    os.close(gate)
    time.sleep(0.003)
    os.close(opens)
    found = []
    for child in children:
        try:
            said = child.communicate(timeout=TOO_LONG)
        except subprocess.TimeoutExpired:
            child.kill()
            said = child.communicate()
        found.append(subprocess.CompletedProcess(child.args, child.returncode,
                                                 *said))
    return found


def is_busy(result):
    """It says that it found a lock, and nothing else."""
    said = result.stdout if b'"unchecked": [' in result.stdout else \
        b"" if result.stdout else result.stderr
    return result.returncode == 3 and bool(re.search(
        rb"is locked: another run|libvirt is running: it holds", said))


M, V, E = [MIGRATE, "--jobs=1"], [VERIFY], "--export"
ROOT = "--root=@R"
# What is started together, and how many must succeed at least.
PAIRS = (
    ("two migrates", legacy_store, [[*M, "@B"]] * 2),
    ("three migrates", legacy_store, [[*M, "@B"]] * 3),
    ("two of a system", legacy_store, [[*M, ROOT]] * 2),
    ("one of a system, one of its directory", legacy_store,
     [[*M, ROOT], [*M, "@B"]]),
    ("two spellings of a system", legacy_store,
     [[*M, ROOT], [*M, ROOT + "/../system/."]]),
    ("two exports", bulk_store, [[*M, E, ROOT], [*M, E, "@B"]]),
    ("there and back", legacy_store, [[*M, ROOT], [*M, E, ROOT]]),
    ("two with a backup", legacy_store, [[*M, "--backup=@K", "@B"]] * 2),
    ("two backups", bulk_store,
     [[*M, E, "--backup=@K", "@B"], [*M, E, "--backup=@K-2", "@B"]]),
    ("two repairs", damaged_store,
     [[*M, E, "--repair=all", "--backup=@K", "@B"]] * 2),
)


def ends(system, commands):
    """What is left by those that succeed, by the set of them: one after the
    other, in any order."""
    found = {}
    for order in itertools.permutations(range(len(commands))):
        system.fresh()
        for count, number in enumerate(order, 1):
            result = run(*commands[number])
            assert result.returncode == 0, result
            found.setdefault(frozenset(order[:count]), []).append(
                entries(system.base))
    return found


def pair(tally_of, item):
    """Rounds in which all succeeded, one after the other."""
    label, make, commands = item
    with Scratch() as scratch:
        system = System(scratch, make)
        commands = [system.words(words) for words in commands]
        ways = ends(system, commands)
        good, refused = True, 0
        for number in range(ROUNDS):
            system.fresh()
            results = at_once(*commands)
            right = ways.get(frozenset(
                at for at, result in enumerate(results)
                if result.returncode == 0), [])
            problems = [complaint((), result) for result in results
                        if result.returncode or not is_busy(result)]
            wrong = [result for result in results
                     if result.returncode and not is_busy(result)]
            gone = lost(system.before, system.base, system.kept,
                        system.kept + "-2")
            refused += sum(result.returncode == 3 for result in results)
            if wrong or gone or any(problems) or \
                    entries(system.base) not in right or os.listdir(system.run):
                good = tally_of.check(False, f"{label}: round {number}",
                                      (results, wrong, gone, problems,
                                       os.listdir(system.run)))
        tally_of.check(good, label)
        return ROUNDS, refused


def let_go(holder):
    """End whoever holds a lock; it is free when this returns."""
    os.kill(holder, signal.SIGKILL)
    try:
        while os.listdir(f"/proc/{holder}/fd"):
            time.sleep(0.001)
    except OSError:
        pass  # gone, or as good as that


def shared(tally_of):
    """Two that only read, or write elsewhere, do not keep each other out; two
    that write to the same place do."""
    with Scratch() as scratch:
        system = System(scratch)
        for words in ([*M, "-n", "@B"], [*V, "@B"], [*M, "--output-dir=@K#",
                                                     "@B"],
                      [*M, "--output-dir=@K", "@B"]):
            good = True
            for _ in range(max(2, ROUNDS // 5)):
                system.fresh()
                results = at_once(*(system.words(
                    [word.replace("#", str(at)) for word in words])
                    for at in (1, 2)))
                done = [result.returncode == 0 for result in results]
                good &= all(done) or any(done) and words[-2][-2:] == "@K" and \
                    any(map(is_busy, results)) or tally_of.check(
                        False, " ".join(words[1:]), results)
            tally_of.check(good, f"side by side: {' '.join(words[1:])}")
        for option in ("backup", "output-dir"):
            os.makedirs(system.kept, exist_ok=True)
            holder = int(run(HOLD, system.kept).stdout)
            start = entries(system.base)
            result = run(*system.words([*M, f"--{option}=@K", "@B"]))
            let_go(holder)
            tally_of.check(is_busy(result) and entries(system.base) == start,
                           f"{option} is locked by another run", result)


def made_meanwhile(tally_of):
    """A directory that both want to make: the lock decides."""
    for option in ("backup", "output-dir"):
        with Scratch() as scratch:
            system = System(scratch)
            words = system.words([*M, f"--{option}=@K", "@B"])
            makes = f"mkdirat {system.kept}"
            number = called(words).index(makes) + 1
            system.fresh()
            command = f"mkdir -m 700 {system.kept}"
            status, said, problem = attempt(KILL, "--run", command,
                                            str(number), *words)
            tally_of.check(status == 0 and not problem and
                           os.listdir(system.kept),
                           f"{option} is made by another", (said, problem))


def beside(tally_of, item):
    """verify says what is true before or after a run, or that it is busy."""
    label, make, words, what = item
    with Scratch() as scratch:
        system = System(scratch, make)
        words, look = system.words(words), system.words(what)
        before = run(*look)
        assert run(*words).returncode == 0
        after, end = run(*look), entries(system.base)
        true = [(result.returncode, result.stdout)
                for result in (before, after)]
        good, verdicts, busy = True, 0, 0
        for number in range(ROUNDS):
            system.fresh()
            start = entries(system.base)
            one, *looks = at_once(words, look, look)
            for result in looks:
                told = (result.returncode, result.stdout) in true
                verdicts += told
                busy += not told
                good &= told or is_busy(result) or tally_of.check(
                    False, f"{label}: round {number}", (result, true))
            state = end if one.returncode == 0 else start
            if one.returncode and not is_busy(one) or \
                    entries(system.base) != state:
                good = tally_of.check(False, f"{label}: round {number}", one)
        tally_of.check(good and verdicts + busy, label)
        return verdicts, busy


BESIDE = (
    ("verify beside migrate", legacy_store, [*M, "@B"], [*V, "@B"]),
    ("verify beside export", bulk_store, [*M, E, "@B"], [*V, "--list", "@B"]),
    ("verify of a system", legacy_store, [*M, ROOT],
     [*V, ROOT, "--format=json"]),
    ("verify beside a repair", damaged_store,
     [*M, E, "--repair=all", "--backup=@K", "@B"], [*V, "@B"]),
)


def taken(tally_of, item):
    """While one run stands still nobody gets in, whatever he calls it."""
    label, make, options = item
    with Scratch() as scratch:
        system = System(scratch, make)
        link = os.path.join(scratch, "link")
        os.symlink(system.top, link)
        top, base = system.top, system.base
        spellings = [f"{MIGRATE} {where}" for where in (
            f"--root={top}", f"--root={top}/", f"--root={top}/./../system",
            f"--root={link}", base, base + "/", f"{base}/../snapshot/.",
            link + base[len(top):], f"--export {base}",
            f"--allow-running --root={link}", f"-n {base}",
            f"--output-dir={scratch}/other {base}")]
        spellings += [f"{VERIFY} {where}" for where in (
            f"--root={link}", base, link + base[len(top):],
            f"{base}/plain", f"{base}/plain.xml")]
        # What there is no longer, or not yet, is no way in either.
        command = "; ".join(
            f"{words} >/dev/null 2>&1; s=$?; [ $s = 3 ] || "
            f"{{ [ $s = 2 ] && [ ! -e {words.split()[-1]} ]; }} || "
            f"{{ echo {words}: $s; exit 1; }}"
            for words in spellings)
        words = system.words([*M, f"--root={top}", *options])
        calls = called(words)
        system.fresh()
        numbers = range(2, len(calls) + 1, 5 if FULL else 40)
        good = True
        for number in numbers:
            system.fresh()
            status, said, problem = attempt(KILL, "--run", command,
                                            str(number), *words)
            good &= tally_of.check(
                status == 0 and not problem, f"{label}: call {number} of "
                f"{len(calls)}", (problem, said[-3000:]))
        tally_of.check(good, f"{label}: {len(numbers)} moments")
        return len(numbers) * len(spellings)


TAKEN = (("taken by migrate", legacy_store, []),
         ("taken by export", bulk_store, [E]),
         ("taken by a repair", damaged_store, ["--repair=all", E,
                                               "--backup=@K"]))



def main():
    rounds = side_by_side(tally, pair, PAIRS)
    verdicts = side_by_side(tally, beside, BESIDE)
    asked = side_by_side(tally, taken, TAKEN)
    shared(tally)
    made_meanwhile(tally)
    print(f"  {sum(pair[0] for pair in rounds)} starts at once: "
          f"{sum(pair[1] for pair in rounds)} found it locked; verify beside "
          f"a run: {sum(pair[0] for pair in verdicts)} verdicts, "
          f"{sum(pair[1] for pair in verdicts)} times busy; "
          f"{sum(asked)} attempts while a run stood still")
    tally.end()


if __name__ == "__main__":
    assert os.path.exists(HOLD), HOLD + " is missing: run make check"
    main()
