#!/usr/bin/env python3
"""make install, uninstall and dist: what is written, where, and that it goes.

With blanks and what shells and sed take for their own in the names; the
programs run from where they are installed, and take nothing from the sources.
"""
import glob
import hashlib
import os
import re
import shutil
import subprocess
import tarfile

from support import (BUILD, HERE, Scratch, Tally, differences, run, tree,
                     unpack, without_empty)

SOURCE = os.path.dirname(HERE)
PROGRAMS = ("virt-snapshot-migrate", "virt-snapshot-verify")
DATA = "share/virt-snapshot-tools/"
tally = Tally()


def make(*words, where=SOURCE, build=BUILD, **environment):
    """One of its own, whatever make calls this."""
    clean = {name: value for name, value in os.environ.items()
             if name not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS", "DESTDIR",
                             "PREFIX", "SBINDIR", "DATADIR", "MANDIR")}
    result = run("make", "--no-print-directory", "B=" + build, *words,
                 cwd=where, env=dict(clean, **environment))
    tally.check(result.returncode == 0, f"make {words}", result.stderr[-600:])
    return result.stdout.decode()


def base_names(*patterns):
    return [os.path.basename(path) for pattern in patterns
            for path in glob.glob(os.path.join(SOURCE, pattern))]


def expected(unit):
    """The files below PREFIX, by what there is in the sources."""
    found = {"sbin/" + name for name in PROGRAMS}
    found |= {"sbin/" + name for name in base_names(
        "packaging/maintscript/virt-snapshot-maintscript")}
    found |= {DATA + name for name in base_names(
        "schemas/*.rng", "schemas/*.xsl", "schemas/catalog.xml")}
    for page in base_names("verify/*.[578]", "migrate/*.[578]",
                           "packaging/*/*.[578]"):
        found.add(f"share/man/man{page[-1]}/{page}")
    for name in PROGRAMS:
        found.add("share/bash-completion/completions/" + name)
        found.add("share/zsh/site-functions/_" + name)
    if unit:
        found |= {unit + "/" + name
                  for name in base_names("packaging/systemd/*.service")}
    return found


def files(root):
    return {os.path.relpath(os.path.join(folder, name), root)
            for folder, _, names in os.walk(root) for name in names}


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def paths_in(root, prefix):
    """Pages and the catalog name this installation, not the default one."""
    for path in files(root):
        if not re.search(r"(\.[578]|\.service|/catalog\.xml)$", path):
            continue
        text = read(os.path.join(root, path))
        if prefix != "/usr/local":
            tally.check("/usr/local/sbin" not in text and
                        "/usr/local/share/virt" not in text,
                        f"{path} names {prefix}")
    tally.check(f"{prefix}/{DATA}" in
                read(f"{root}{prefix}/{DATA}catalog.xml"), "catalog.xml")


def modes(root):
    for path in files(root):
        mode = os.stat(os.path.join(root, path)).st_mode & 0o7777
        wanted = 0o755 if "/sbin/" in path else 0o644
        tally.check(mode == wanted, f"{path}: {mode:o}, not {wanted:o}")


def try_programs(scratch, sbin):
    """There and back, with the programs as installed, from elsewhere."""
    folder, _ = unpack("real-libvirt-9.0.0", scratch)
    base = os.path.join(folder, "snapshot")
    before = without_empty(tree(base))
    migrate, verify = (os.path.join(sbin, name) for name in PROGRAMS)
    for command in ([verify, "--quiet", base], [migrate, base],
                    [verify, "--quiet", "--format=json", base],
                    [migrate, "--export", base]):
        result = run(*command, cwd="/", env={"PATH": "/usr/bin:/bin"})
        tally.check(result.returncode == 0, f"{command} as installed",
                    (result.stdout, result.stderr))
    after = without_empty(tree(base))
    tally.check(after == before, "there and back with what is installed",
                differences(before, after))
    opened = run("strace", "-f", "-e", "trace=open,openat,openat2", migrate,
                 "-n", base, cwd="/") if shutil.which("strace") else None
    if opened is None or b"ptrace" in opened.stderr:
        tally.skip("strace is not installed or not permitted")
        return
    for kind in (SOURCE + "/schemas", DATA[:-1]):
        tally.check(kind.encode() not in opened.stderr,
                    f"nothing is looked up in {kind}")


def public_names(catalog):
    """xmllint finds a schema by its public name through the catalog."""
    with Scratch() as scratch:
        path = os.path.join(scratch, "a.xml")
        with open(path, "w", encoding="ascii") as file:
            file.write("<no-such-element/>")
        result = run("xmllint", "--nonet", "--noout", "--relaxng",
                     "urn:virt-snapshot-tools:schema:report", path,
                     env=dict(os.environ, XML_CATALOG_FILES=catalog))
        tally.check(result.returncode == 3, "installed catalog.xml",
                    result.stderr)


def try_install(prefix, unit):
    with Scratch() as scratch:
        root = os.path.join(scratch, "a root's & more")
        words = ["DESTDIR=" + root, "PREFIX=" + prefix]
        if unit:
            words.append("UNITDIR=" + unit)
        os.umask(0o077)
        make("install", *words)
        os.umask(0o022)
        wanted = {prefix.strip("/") + "/" + name for name in expected(None)}
        wanted |= {name.strip("/") for name in expected(unit)
                   if unit and name.startswith(unit)}
        found = files(root)
        tally.check(found == wanted, f"installed below {prefix}",
                    sorted(found ^ wanted))
        paths_in(root, prefix)
        modes(root)
        try_programs(scratch, root + prefix + "/sbin")
        if " " not in prefix:
            shutil.copytree(root + prefix, scratch + "/plain")
            public_names(f"{scratch}/plain/{DATA}catalog.xml")
        first = tree(root)
        make("install", *words)
        tally.check(tree(root) == first, "a second make install")
        foreign = f"{root}{prefix}/{DATA}of-somebody-else"
        shutil.copy(f"{root}{prefix}/{DATA}catalog.xml", foreign)
        make("uninstall", *words)
        tally.check(files(root) == {os.path.relpath(foreign, root)},
                    "uninstall leaves what is not its own", files(root))
        os.remove(foreign)
        make("uninstall", *words)
        tally.check(not files(root) and
                    not os.path.exists(f"{root}{prefix}/{DATA}"),
                    "uninstall leaves nothing", files(root))


def try_dirs():
    """Each directory by itself."""
    with Scratch() as scratch:
        words = [f"{name}={scratch}/{name}" for name in
                 ("SBINDIR", "DATADIR", "MANDIR", "BASHDIR", "ZSHDIR")]
        make("install", *words)
        for name, inside in (("SBINDIR", PROGRAMS[0]),
                             ("DATADIR", "catalog.xml"),
                             ("MANDIR", "man8/virt-snapshot-verify.8"),
                             ("BASHDIR", PROGRAMS[0]),
                             ("ZSHDIR", "_" + PROGRAMS[1])):
            tally.check(os.path.exists(f"{scratch}/{name}/{inside}"), name)
        tally.check(f"{scratch}/DATADIR" in
                    read(f"{scratch}/MANDIR/man8/virt-snapshot-verify.8"),
                    "pages name DATADIR")
        make("uninstall", *words)
        tally.check(not files(scratch), "uninstall", files(scratch))


def digest(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def try_dist():
    """The same bytes: again, under another umask and zone, from itself."""
    if not os.path.exists(os.path.join(SOURCE, ".git")) and \
            not os.path.exists(os.path.join(SOURCE, "MANIFEST")):
        tally.skip("make dist: neither a git checkout nor a tarball")
        return
    with Scratch() as scratch:
        name = make("dist", build=scratch + "/1").split("/")[-1].strip()
        first = digest(f"{scratch}/1/{name}")
        os.umask(0o077)
        make("dist", build=scratch + "/2", TZ="Asia/Tokyo", LC_ALL="C")
        os.umask(0o022)
        tally.check(digest(f"{scratch}/2/{name}") == first, "make dist twice")
        with tarfile.open(f"{scratch}/1/{name}") as tar:
            top = {member.name.split("/")[0] for member in tar}
            owners = {(member.uid, member.gid, member.uname, member.mode)
                      for member in tar}
            times = {member.mtime for member in tar}
            tar.extractall(scratch)
        tally.check(top == {name[:-len(".tar.xz")]}, "one folder", top)
        tally.check({owner[:3] for owner in owners} == {(0, 0, "")} and
                    {owner[3] for owner in owners} <= {0o644, 0o755},
                    "owners and modes", owners)
        tally.check(len(times) == 1, "one time", times)
        inner = os.path.join(scratch, name[:-len(".tar.xz")])
        with open(inner + "/of-somebody-else", "w", encoding="ascii"):
            pass
        make("dist", where=inner, build=scratch + "/3")
        tally.check(digest(f"{scratch}/3/{name}") == first,
                    "make dist in what it made")
        make("dist", where=inner, build=scratch + "/4",
             SOURCE_DATE_EPOCH="1")
        tally.check(digest(f"{scratch}/4/{name}") != first,
                    "SOURCE_DATE_EPOCH counts")
        os.remove(inner + "/MANIFEST")
        result = subprocess.run(
            ["sh", "packaging/dist", scratch + "/5", "x"], cwd=inner,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        tally.check(result.returncode == 1 and
                    b"neither a git checkout" in result.stderr and
                    not os.path.exists(scratch + "/5"),
                    "without git or MANIFEST", result.stderr)


os.umask(0o022)
try_install("/usr", "/usr/lib/systemd/system")
try_install("/opt/a b&c|d\\e", None)
try_dirs()
try_dist()
tally.end()
