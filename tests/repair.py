#!/usr/bin/env python3
"""Directories damaged at random, and repaired.

What is refused is left as it was; what is not refused is sound then, and a
second run changes nothing. Every file that there was stands in the directory or
in the backup, byte for byte. --dry-run foretells it all: the same status, and
its diffs, given to patch(1), and its lines make the same files.

    tests/repair.py [SEED [COUNT]]
"""
import os
import random
import re
import shutil
import sys

from runs import contents, write
from support import MIGRATE, VERIFY, Scratch, Tally, identities, run, tree

tally = Tally()
seed = int(sys.argv[1]) if len(sys.argv) > 1 else 1
count = int(sys.argv[2]) if len(sys.argv) > 2 else 150
chance = random.Random(seed)

# What is written in place of what, in one file.
EDITS = (
    (rb"  <active>.*?</active>\n", (b"",)),
    (rb"<active>0", (b"<active>1", b"<active>yes")),
    (rb"<parent>.*?</parent>",
     (b"<parent><name>s0</name></parent>", b"<parent><name>s1</name></parent>",
      b"<parent><name>s2</name></parent>",
      b"<parent><name>gone</name></parent>")),
    (rb"<state>shutoff", (b"<state>odd",)),
    (rb"<name>s\d</name>\n  <st",
     (b"<name>s0</name>\n  <st", b"<name>s4</name>\n  <st",
      b"<name>a/b</name>\n  <st", b"<name></name>\n  <st")),
    (rb"<creationTime>", (b"<creationTime>x",)),
    (rb"000000000001", (b"000000000002",)),
)


def damage(folder):
    """Do something to one of the files."""
    names = sorted(os.listdir(folder))
    if not names:
        return
    path = os.path.join(folder, chance.choice(names))
    with open(path, "rb") as file:
        content = file.read()
    what = chance.randrange(12)
    if what == 0:
        content = content[:chance.randrange(len(content) + 1)]
    elif what == 1:
        os.unlink(path)
        return
    elif what == 2:
        os.rename(path, os.path.join(folder, chance.choice(
            ("x.bak", "y.xml", "z", "s1.xml", "s2.xml", "s3.xml.new"))))
        return
    elif what == 3:
        shutil.copy2(path, path + ".new")
        os.utime(path + ".new", (chance.choice((1, 2000000000)),) * 2)
        return
    elif what == 4:
        shutil.copy2(path, path + chance.choice((".xml", ".bak")))
        return
    else:
        old, new = EDITS[what - 5]
        content = re.sub(old, lambda _: chance.choice(new), content,
                         flags=re.DOTALL)
    with open(path, "wb") as file:
        file.write(content)


def make(base):
    os.makedirs(base)
    for i in range(chance.randrange(1, 6)):
        write(base, "vm", f"s{i}", 1 + chance.randrange(3), 0,
              chance.choice((None, "s0", "s1", "s2", "s3", "s4")))
    for _ in range(chance.randrange(1, 6)):
        damage(os.path.join(base, "vm"))


def follow(folder, said):
    """Do what --dry-run said."""
    if b"\n--- " in said or said.startswith(b"--- "):
        with open(os.path.join(folder, "..", "diff"), "wb") as file:
            file.write(said)
        patched = run("patch", "-s", "-p1", "--no-backup-if-mismatch", "-d",
                      folder, "-i", "../diff")
        if patched.returncode:
            return patched.stdout
    for path in re.findall(rb"^repair: (\S+): move to the backup", said,
                           re.MULTILINE):
        os.unlink(os.path.join(os.fsencode(folder), path))
    for path, to in re.findall(rb"^repair: (\S+): rename to '(\S+)'", said,
                               re.MULTILINE):
        os.rename(os.path.join(os.fsencode(folder), path),
                  os.path.join(os.fsencode(folder), to))
    return b""


def attempt(number, scratch):
    base = os.path.join(scratch, "base")
    kept = os.path.join(scratch, "kept")
    copy = os.path.join(scratch, "copy")
    make(base)
    shutil.copytree(base, copy)
    before, files = tree(base), contents(base)
    how = chance.choice(("safe", "all"))
    label = f"seed {seed}, {number}, {how}"
    words = [MIGRATE, "--export", "--repair=" + how]
    told = run(*words, "-n", base)

    def check(right, what, detail=""):
        return tally.check(right, f"{label}: {what}", detail)

    check(tree(base) == before, "--dry-run changes nothing")
    done = run(*words, "--backup=" + kept, base)
    said = told.stdout + done.stdout + done.stderr
    check(done.returncode in (0, 1) and told.returncode == done.returncode,
          f"status {done.returncode}, foretold {told.returncode}", said)
    if done.returncode:
        check(tree(base) == before, "what is refused is left", said)
        return False
    judged = run(VERIFY, base)
    check(judged.returncode == 0, "it is sound", said + judged.stdout)
    saved = set(contents(base).values())
    if os.path.isdir(kept):
        saved |= set(contents(kept).values())
    check(set(files.values()) <= saved, "nothing is thrown away", said)
    quiet = identities(base)
    again = run(*words, "--backup=" + kept, base)
    check(again.returncode == 0 and identities(base) == quiet,
          "a second run changes nothing", again.stdout)
    failed = follow(copy, told.stdout)
    check(not failed and contents(copy) == contents(base),
          "--dry-run says what happens", said + failed)
    return True


repaired = 0
for index in range(count):
    with Scratch() as where:
        repaired += attempt(index, where)
tally.check(count < 50 or repaired > count // 5,
            f"{repaired} of {count} repaired")
print(f"  {repaired} of {count} directories repaired")
tally.end()
