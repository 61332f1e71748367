#!/usr/bin/env python3
"""libvirt's lock, driver.pid, and all that can happen to it.

It is stale, missing, or something strange; it is replaced or removed before any
call of a run; and a daemon that locks it as libvirt does comes and goes while
runs want it. Never are both at work, nothing but a file of our own is removed,
and every run ends by itself.
"""
import fcntl
import multiprocessing
import os
import random
import time

from hostile_entries import (CANARY, bound, device, empty, fifo,
                             folder_of_folders, locked_file, loop, outside)
from locks import (E, HOLD, KILL, M, ROOT, ROUNDS, System, called, is_busy,
                   let_go)
from runs import one_domain, side_by_side, write
from support import FULL, MIGRATE, Scratch, Tally, run
from watch import TOO_LONG, Watch, attempt, entries, lost

tally = Tally()

def stale(tally_of):
    """A file that a dead daemon left is no lock, and stays."""
    with Scratch() as scratch:
        system = System(scratch)
        for content in (b"", b"4711\n", b"1\n", b"x" * 70000, b"\0"):
            system.fresh()
            with open(system.pid_file, "wb") as file:
                file.write(content)
            holder = int(run(HOLD, system.pid_file).stdout)
            words = system.words([*M, ROOT])
            start = entries(system.base)
            result = run(*words)
            tally_of.check(is_busy(result) and entries(system.base) == start,
                           "a daemon holds driver.pid", result)
            let_go(holder)
            number = os.stat(system.pid_file).st_ino
            result = run(*words)
            with open(system.pid_file, "rb") as file:
                tally_of.check(result.returncode == 0 and
                               file.read() == content and
                               os.stat(system.pid_file).st_ino == number,
                               "a stale driver.pid", result)


def none(tally_of):
    """Of a system whose directory is missing nothing runs; and nothing of it
    is made. Where it is there the file is removed again."""
    with Scratch() as scratch:
        for folders in ("", "run", "run/libvirt", "run/libvirt/qemu"):
            system = System(os.path.join(scratch, "s" + folders.replace(
                "/", "-")), pids=False)
            os.makedirs(os.path.join(system.top, folders), exist_ok=True)
            start = entries(os.path.join(system.top, "run"))
            result = run(*system.words([*M, ROOT]))
            tally_of.check(result.returncode == 0 and
                           entries(os.path.join(system.top, "run")) == start,
                           f"no driver.pid, only /{folders}", result)


def link_outside(path, there):
    os.symlink(os.path.join(there, "secret"), path)


STRANGE = (link_outside, loop, fifo, bound, device, empty,
           folder_of_folders, locked_file)


def strange(tally_of):
    """Whatever it is, it is not followed and not waited for, and it stays."""
    with Scratch() as scratch, Watch() as watch:
        system = System(scratch)
        there = os.path.join(scratch, "outside")
        outside(there)
        watch.add_below(there)
        for kind in STRANGE:
            if kind == device and os.geteuid() != 0:
                tally_of.skip("a device as driver.pid: not as this user")
                continue
            for name in ("driver.pid", "../../libvirtd.pid",
                         "../../virtqemud.pid"):
                system.fresh()
                path = os.path.normpath(os.path.join(system.run, name))
                kind(path, there)
                start, pids = entries(system.base), entries(system.run)
                watch.seen()
                status, said, problem = attempt(*system.words([*M, ROOT]))
                seen = watch.seen()
                same = entries(system.run) == pids and os.path.lexists(path)
                done = entries(system.base) != start
                tally_of.check(
                    not problem and not seen and same and
                    CANARY.encode() not in said and
                    (status == 0 and done or
                     status in (2, 3) and not done and
                     name[-8:].encode() in said),
                    f"{name} is {kind.__name__}", (status, said, problem, seen,
                                                   same, done))


# What somebody does to driver.pid, $f, with a file $n and a place outside, $o.
DONE = {
    "replaced": 'mv -f "$n" "$f"', "removed": 'rm -f "$f"',
    "made anew": 'rm -f "$f"; cp "$n" "$f"',
    "a link": 'rm -f "$f"; ln -s "$o" "$f"',
    "a fifo": 'rm -f "$f"; mkfifo "$f"',
    "a directory": 'rm -f "$f"; mkdir "$f"',
}


def replaced(tally_of, item):
    """Under our feet, before each call: what stands there then is not ours, is
    not removed, and does not keep the run from its end."""
    does, stood = item
    with Scratch() as scratch:
        system = System(scratch, one_domain)
        new, there = (os.path.join(scratch, name) for name in ("new", "there"))
        command = f"f={system.pid_file}; n={new}; o={there}; {DONE[does]}"
        words = system.words([*M, ROOT])

        def fresh():
            system.fresh()
            for path, text in ((new, "4711\n"), (there, "outside\n"),
                               (system.pid_file, "1\n")):
                if stood or path != system.pid_file:
                    with open(path, "w", encoding="ascii") as file:
                        file.write(text)

        fresh()
        start = entries(system.base)
        calls = called(words)
        end = entries(system.base)
        numbers = range(1, len(calls) + 1, 1 if FULL else 7)
        good = True
        for number in numbers:
            fresh()
            status, said, problem = attempt(KILL, "--run", command,
                                            str(number), *words)
            put = os.path.lexists(system.pid_file)
            with open(there, encoding="ascii") as file:
                outside_same = file.read() == "outside\n"
            now = entries(system.base)
            # Before it is opened, it may be what cannot be locked.
            right = status == 0 and now == end or \
                status in (2, 3) and number == 1 and now == start
            # Nobody can help what is put there right before it is removed.
            last = calls[number - 1] == f"unlinkat {system.pid_file}"
            good &= tally_of.check(
                right and not problem and outside_same and
                (put == (does != "removed") or last),
                f"driver.pid {does} before call {number}, "
                f"{calls[number - 1]}", (status, said, problem, put))
        tally_of.check(good, f"driver.pid {does}: {len(numbers)} moments")
        return len(numbers)


def daemon(system, state):
    """What libvirt does, again and again; while it holds the lock nothing may
    change. STATE: go on, times held, times that something changed."""
    dice = random.Random(4711)
    while state[0]:
        time.sleep(dice.random() * 0.01)
        file = os.open(system.pid_file, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, 0)
            if os.fstat(file).st_ino != os.stat(system.pid_file).st_ino:
                continue
            start = entries(system.base)
            time.sleep(dice.random() * 0.01)
            state[1] += 1
            state[2] += entries(system.base) != start
            if dice.random() < 0.7:
                os.unlink(system.pid_file)
        except (BlockingIOError, FileNotFoundError):
            pass
        finally:
            os.close(file)


def fought_for(tally_of):
    """A daemon that comes and goes, and runs in both directions: never both."""
    with Scratch() as scratch:
        system = System(scratch)
        state = multiprocessing.RawArray("q", [1, 0, 0])
        other = multiprocessing.Process(target=daemon, args=(system, state))
        other.start()
        won = refused = 0
        good = True
        for number in range(6 * ROUNDS):
            words = [*M, *([E] if number % 2 else []), ROOT]
            result = run(*system.words(words), timeout=TOO_LONG)
            won += result.returncode == 0
            refused += result.returncode == 3
            gone = lost(system.before, system.base)
            good &= (result.returncode == 0 or is_busy(result)) and not gone
            if not good:
                tally_of.check(False, f"a daemon, round {number}",
                               (result, gone))
                break
        state[0] = 0
        other.join()
        tally_of.check(good and state[2] == 0 and other.exitcode == 0,
                       f"a daemon held it {state[1]} times; changed meanwhile: "
                       f"{state[2]}", other.exitcode)
        print(f"  driver.pid fought for: {won} runs got it, {refused} did not, "
              f"a daemon {state[1]} times")


def session(tally_of):
    """An ordinary user's libvirt keeps its lock elsewhere."""
    if os.geteuid() == 0:
        tally_of.skip("the lock of a session: not for root")
        return
    with Scratch() as scratch:
        base = os.path.join(scratch, "config/libvirt/qemu/snapshot")
        write(base, "vm", "a", 1)
        where = os.path.join(scratch, "run/libvirt/qemu/run")
        env = {**os.environ, "XDG_CONFIG_HOME": os.path.join(scratch, "config"),
               "XDG_RUNTIME_DIR": os.path.join(scratch, "run")}
        result = run(MIGRATE, env=env)
        tally_of.check(result.returncode == 0 and not os.listdir(where),
                       "a session: its directory is made", result)
        holder = int(run(HOLD, where + "/driver.pid").stdout)
        result = run(MIGRATE, E, env=env)
        let_go(holder)
        tally_of.check(is_busy(result), "a session's daemon runs", result)


def alone(tally_of, function):
    function(tally_of)


if __name__ == "__main__":
    assert os.path.exists(HOLD), HOLD + " is missing: run make check"
    MOMENTS = side_by_side(tally, replaced, [(does, stood) for does in DONE
                                             for stood in (False, True)])
    side_by_side(tally, alone, (stale, none, strange, session))
    fought_for(tally)
    print(f"  driver.pid changed at {sum(MOMENTS)} moments")
    tally.end()
