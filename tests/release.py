#!/usr/bin/env python3
"""tests/versions: what it says where a version was forgotten somewhere."""
import os
import re
import shutil
import sys

import support
from support import run

TOP = os.path.dirname(support.HERE)
CI = "packaging/ci/"
CHANGELOG = "packaging/debian/changelog"
SPEC = "packaging/rpm/virt-snapshot-tools.spec"
FILES = ("Makefile", "NEWS.md", CHANGELOG, SPEC, CI + "github.yml",
         CI + "gitlab.yml", CI + "Jenkinsfile")


class Tree:
    """The files that have the version, in a repository of their own."""

    def __init__(self, top):
        self.top = top
        for name in FILES:
            os.makedirs(os.path.dirname(os.path.join(top, name)),
                        exist_ok=True)
            shutil.copy(os.path.join(TOP, name), os.path.join(top, name))
        self.git("init", "-q")
        self.commit()

    def git(self, *arguments):
        result = run("git", "-c", "user.name=test", "-c",
                     "user.email=test@example.org", *arguments, cwd=self.top)
        assert result.returncode == 0, result.stderr

    def commit(self):
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", "all")

    def change(self, name, pattern, text):
        path = os.path.join(self.top, name)
        with open(path, encoding="utf-8") as file:
            old = file.read()
        new = re.sub(pattern, text, old, count=1, flags=re.M)
        assert new != old, (name, pattern)
        with open(path, "w", encoding="utf-8") as file:
            file.write(new)

    def undo(self):
        self.git("checkout", "-q", "--", ".")

    def complaints(self, *options):
        """The status, and the lines."""
        result = run("sh", os.path.join(support.HERE, "versions"), *options,
                     self.top)
        return result.returncode, result.stdout.decode().splitlines()


def set_state(tree, news, changelog, ref):
    tree.change("NEWS.md", r"^(## \S+) \(.*\)$", rf"\1 ({news})")
    tree.change(CHANGELOG, r"\) \w+;", f") {changelog};")
    for name in FILES[4:]:
        tree.change(name, r"(TOOLS_REF\W+)[\w.]+", rf"\g<1>{ref}")


def forgotten(tally, tree, options, *changes):
    """Each change alone is complained about, in a line that names the file."""
    for name, pattern, text in changes:
        tree.change(name, pattern, text)
        if options:
            tree.commit()
        status, lines = tree.complaints(*options)
        tally.check(status == 1 and len(lines) == 1 and name in lines[0],
                    f"{name}: {text}", lines)
        if options:
            tree.git("reset", "-q", "--hard", "HEAD^")
        tree.undo()


def main():
    tally = support.Tally()
    if not shutil.which("git"):
        tally.skip("git is not installed")
        tally.end()
    with support.Scratch() as where:
        tree = Tree(where)
        # Whatever state this tree is in, make it one before a release.
        tree.change("NEWS.md", r"^(## \S+) \(.*\)$", r"\1 (state)")
        tree.change(CHANGELOG, r"\) \w+;", ") state;")
        for name in FILES[4:]:
            tree.change(name, r"(TOOLS_REF\W+)[\w.]+", r"\g<1>state")
        set_state(tree, "unreleased", "UNRELEASED", "main")
        tree.commit()
        tally.check(tree.complaints()[0] == 0, "before a release",
                    tree.complaints())
        versions = ((SPEC, r"^(Version: +).*", r"\g<1>7.7.7"),
                    (SPEC, r"- \d+\.\d+\.\d+-1$", "- 7.7.7-1"),
                    (CHANGELOG, r"\([\d.]+-", "(7.7.7-"))
        refs = [(name, r"(TOOLS_REF\W+)[\w.]+", r"\g<1>v7.7.7")
                for name in FILES[4:]]
        forgotten(tally, tree, [], *versions, *refs,
                  ("NEWS.md", r"^## \S+", "## 7.7.7"),
                  (CHANGELOG, "UNRELEASED", "unstable"))
        status, lines = tree.complaints("--release")
        tally.check(status == 1 and "has no date" in lines[0],
                    "a release that is not dated", lines)

        tree.change("NEWS.md", r"\(unreleased\)", "(soon)")
        status, lines = tree.complaints()
        tally.check(status == 1 and "neither a date" in lines[-1],
                    "neither dated nor unreleased", lines)

        with open(os.path.join(where, "Makefile"), encoding="utf-8") as file:
            tag = "v" + re.search(r"^VERSION = (.*)$", file.read(), re.M)[1]
        set_state(tree, "2026-01-31", "unstable", tag)
        tree.commit()
        tally.check(tree.complaints("--release")[0] == 0, "a release",
                    tree.complaints("--release"))
        main_again = [(name, r"(TOOLS_REF\W+)[\w.]+", r"\g<1>main")
                      for name in FILES[4:]]
        forgotten(tally, tree, ["--release"], *versions, *refs, *main_again,
                  (CHANGELOG, "unstable", "UNRELEASED"))
        tree.git("tag", tag)
        status, lines = tree.complaints("--release")
        tally.check(status == 1 and len(lines) == 1 and tag in lines[0],
                    "a version that is released", lines)
    tally.end()


if __name__ == "__main__":
    sys.exit(main())
