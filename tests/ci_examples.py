#!/usr/bin/env python3
"""The examples in packaging/ci: run their commands on good and damaged
directories, as the CI systems would, and try the git hook in a repository.

Builds the tools as the examples do only with FULL=1; else they find the
programs on the PATH."""
import glob
import json
import os
import re
import shutil
import stat
import sys
import tempfile

import support
from support import run

try:
    import yaml
except ImportError:
    # It belongs to the system's Python, which need not be the first.
    SYSTEM = "/usr/bin/python3"
    if sys.executable != SYSTEM and os.path.exists(SYSTEM) and \
            run(SYSTEM, "-c", "import yaml").returncode == 0:
        os.execv(SYSTEM, [SYSTEM, *sys.argv])
    yaml = None

TOP = os.path.dirname(support.HERE)
CI = os.path.join(TOP, "packaging", "ci")
HOOK = os.path.join(CI, "pre-commit")
PLAIN_PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
YAMLLINT = ("{extends: default, rules: {line-length: {max: 80}, "
            "document-start: disable, truthy: {check-keys: false}}}")


def read(name):
    with open(os.path.join(CI, name), encoding="utf-8") as file:
        return file.read()


def write(path, content):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(content)


def environment(where, **more):
    """Of a job: nothing of ours but the PATH to the programs. What it builds
    needs not be fast."""
    return {"PATH": support.BUILD + ":" + PLAIN_PATH, "HOME": where,
            "CFLAGS": "-O0",
            "LC_ALL": "C.UTF-8", "GIT_CONFIG_GLOBAL": "/dev/null",
            "GIT_CONFIG_NOSYSTEM": "1", "GIT_AUTHOR_NAME": "test",
            "GIT_AUTHOR_EMAIL": "test@example.org",
            "GIT_COMMITTER_NAME": "test",
            "GIT_COMMITTER_EMAIL": "test@example.org",
            "TMPDIR": tempfile.gettempdir(), **more}


def damage(snapshots):
    """Take the <state> from one snapshot; its path."""
    path = os.path.join(snapshots, "web", "s1.xml")
    write(path, "<domainsnapshot><name>s1</name></domainsnapshot>\n")
    return path


def sound(store, where):
    """The snapshot directory of a store, without the domain that has an error
    and without what git does not keep."""
    folder, _ = support.unpack(store, where)
    snapshots = os.path.join(folder, "snapshot")
    for name in os.listdir(snapshots):
        if name == "time zero" or not os.listdir(os.path.join(snapshots, name)):
            shutil.rmtree(os.path.join(snapshots, name))
    return folder, snapshots


def workspace(where, name, damaged):
    """What a job finds: a repository with a snapshot directory."""
    top = os.path.join(where, name)
    os.makedirs(top)
    folder, snapshots = sound("real-libvirt-9.0.0", top)
    shutil.move(snapshots, os.path.join(top, "snapshots"))
    shutil.rmtree(folder)
    if damaged:
        damage(os.path.join(top, "snapshots"))
    return top


class Step:
    """What came of the commands of a step."""

    def __init__(self, name, result):
        self.name = name
        self.status = result.returncode
        self.text = (result.stdout + result.stderr).decode("utf-8", "replace")

    def __repr__(self):
        return f"{self.name}: status {self.status}\n{self.text}"


def github(top, temp, tools="", path=support.BUILD):
    """Run the steps as the runner does; a list of Step."""
    workflow = yaml.safe_load(read("github.yml"))
    (job,) = workflow["jobs"].values()
    env = environment(temp, RUNNER_TEMP=temp,
                      GITHUB_PATH=os.path.join(temp, "path"))
    env["PATH"] = path + ":" + PLAIN_PATH
    for name, value in workflow["env"].items():
        env[name] = str(value).replace("${{ vars.VIRT_SNAPSHOT_TOOLS }}",
                                       tools)
    write(env["GITHUB_PATH"], "")
    steps = []
    for step in job["steps"]:
        failed = any(one.status for one in steps)
        if "run" not in step or failed and "if" not in step:
            continue
        assert step.get("if", "${{ !cancelled() }}") == "${{ !cancelled() }}"
        script = os.path.join(temp, "step.sh")
        write(script, step["run"])
        steps.append(Step(step["name"],
                          run("bash", "-e", script, cwd=top, env=env)))
        with open(env["GITHUB_PATH"], encoding="utf-8") as file:
            added = file.read().split()
        env["PATH"] = ":".join(added + [path, PLAIN_PATH])
    return steps


def gitlab(top, temp, shell, tools="", path=support.BUILD):
    """Both scripts of the job are one to the runner."""
    config = yaml.safe_load(read("gitlab.yml"))
    env = environment(temp)
    env["PATH"] = path + ":" + PLAIN_PATH
    for name, value in config["variables"].items():
        env[name] = str(value).replace("$VIRT_SNAPSHOT_TOOLS", tools)
    job = config["snapshots"]
    script = os.path.join(temp, "job.sh")
    lines = "\n".join(job["before_script"] + job["script"])
    write(script, lines.replace("/tmp/tools", os.path.join(temp, "tools")))
    return Step("gitlab", run(shell, "-e", script, cwd=top, env=env))


def jenkins(top, temp, tools="", path=support.BUILD):
    text = read("Jenkinsfile")
    env = environment(temp, WORKSPACE=top, TOOLS=tools)
    env["PATH"] = path + ":" + PLAIN_PATH
    for name, value in re.findall(r"^ +([A-Z_]+) = '(.*)'$", text, re.M):
        env[name] = value
    steps = []
    for script in re.findall(r"sh '''\n(.*?)'''", text, re.S):
        if any(step.status for step in steps):
            break
        name = os.path.join(temp, "step.sh")
        write(name, script.replace("\\\\", "\\"))
        steps.append(Step("jenkins", run("sh", "-xe", name, cwd=top, env=env)))
    return steps


def check_sarif(tally, path, top, damaged):
    with open(path, encoding="utf-8") as file:
        results = json.load(file)["runs"][0]["results"]
    places = [result["locations"][0]["physicalLocation"]["artifactLocation"]
              ["uri"] for result in results]
    tally.check(places == (["snapshots/web/s1.xml"] * len(places))
                and bool(places) == damaged
                and all(os.path.exists(os.path.join(top, place))
                        for place in places), "files in SARIF", places)


def check_junit(tally, path, damaged):
    result = run("xmllint", "--nonet", "--noout", "--relaxng",
                 os.path.join(support.HERE, "junit.rng"), path)
    with open(path, encoding="utf-8") as file:
        text = file.read()
    tally.check(result.returncode == 0 and text.count("<testcase") > 100
                and ("<failure" in text) == damaged,
                "the JUnit report", result.stderr)


def try_systems(tally, where):
    for damaged in (False, True):
        word = "damaged" if damaged else "good"
        temp = os.path.join(where, "temp-" + word)
        os.makedirs(temp)
        top = workspace(where, "github-" + word, damaged)
        steps = github(top, temp)
        tally.check([step.status for step in steps] == [0, int(damaged), 0],
                    f"GitHub, {word}", steps)
        tally.check(("::error file=snapshots/web/s1.xml,line=1," in
                     steps[1].text) == damaged, f"annotations, {word}", steps)
        check_sarif(tally, os.path.join(top, "snapshots.sarif"), top, damaged)
        for shell in ("bash", "sh"):
            top = workspace(where, f"gitlab-{shell}-{word}", damaged)
            step = gitlab(top, temp, shell)
            tally.check(step.status == damaged and
                        ("web/s1.xml:1:1: error: " in step.text) == damaged,
                        f"GitLab with {shell}, {word}", step)
            check_junit(tally, os.path.join(top, "snapshots-junit.xml"),
                        damaged)
        top = workspace(where, "jenkins-" + word, damaged)
        steps = jenkins(top, temp)
        tally.check([step.status for step in steps] == [0, damaged],
                    f"Jenkins, {word}", steps)
        check_junit(tally, os.path.join(top, "snapshots-junit.xml"), damaged)


def try_wrong_setup(tally, where):
    """A directory that is not there fails, and so do tools without a place."""
    temp, top = os.path.join(where, "temp"), os.path.join(where, "empty")
    os.makedirs(temp)
    os.makedirs(top)
    for steps in (github(top, temp)[1:], [gitlab(top, temp, "sh")],
                  jenkins(top, temp)[1:]):
        tally.check(steps and all(step.status for step in steps) and
                    "'snapshots'" in steps[0].text,
                    "no such directory", steps)
    for step in (github(top, temp, path="/")[0],
                 gitlab(top, temp, "sh", path="/"),
                 jenkins(top, temp, path="/")[0]):
        if "/virt-snapshot-verify" in step.text:
            tally.skip("tools without a place: the programs are installed")
        else:
            tally.check(step.status and "VIRT_SNAPSHOT_TOOLS" in step.text,
                        "tools without a place", step)


def source_repository(where):
    """This source as a repository with what the examples name, a tag or the
    branch."""
    top = os.path.join(where, "source")
    os.makedirs(top)
    for name in os.listdir(TOP):
        if name not in ("build", ".git"):
            run("cp", "-r", "--no-preserve=mode", os.path.join(TOP, name), top)
    git = Repository(where, top)
    git("add", "-A")
    git("commit", "-q", "-m", "all", "--no-verify")
    for tag in set(re.findall(r"TOOLS_REF\W+([\w.]+)", read("github.yml") +
                              read("gitlab.yml") + read("Jenkinsfile"))):
        if tag != "main":
            git("tag", tag)
    return "file://" + top


def try_building(tally, where):
    """The same without the programs: the examples build them. What installs
    packages is replaced by nothing."""
    bin_dir = os.path.join(where, "bin")
    for name in ("sudo", "apt-get"):
        write(os.path.join(bin_dir, name), "#!/bin/sh\nexit 0\n")
        os.chmod(os.path.join(bin_dir, name), 0o755)
    if shutil.which("virt-snapshot-verify", path=PLAIN_PATH):
        tally.skip("building the tools: they are installed")
        return
    url = source_repository(where)
    top = workspace(where, "good", False)
    for name, runner in (
            ("GitHub", lambda temp: github(top, temp, url, bin_dir)),
            ("GitLab", lambda temp: [gitlab(top, temp, "bash", url, bin_dir)]),
            ("Jenkins", lambda temp: jenkins(top, temp, url, bin_dir))):
        temp = os.path.join(where, "temp-" + name)
        os.makedirs(temp)
        steps = runner(temp)
        tally.check(steps and not any(step.status for step in steps),
                    name + " builds the tools", steps)


class Repository:
    """A git repository with the hook."""

    def __init__(self, where, top, hook=None):
        self.env = environment(where)
        self.top = top
        self("init", "-q", "-b", "main")
        if hook:
            shutil.copy(hook, os.path.join(top, ".git", "hooks", "pre-commit"))

    def __call__(self, *arguments, cwd=None):
        result = run("git", *arguments, cwd=cwd or self.top, env=self.env)
        return Step(" ".join(map(os.fsdecode, arguments)), result)

    def head(self):
        return self("rev-parse", "-q", "--verify", "HEAD").text

    def refuses(self, tally, what, *words, arguments=(), cwd=None):
        before = self.head()
        step = self("commit", "-q", "-m", what, *arguments, cwd=cwd)
        tally.check(step.status == 1 and self.head() == before and
                    all(word in step.text for word in words),
                    "the hook refuses: " + what, step)

    def accepts(self, tally, what, arguments=(), cwd=None, quiet=True):
        before = self.head()
        step = self("commit", "-q", "-m", what, *arguments, cwd=cwd)
        tally.check(step.status == 0 and self.head() != before and
                    (not quiet or "pre-commit" not in step.text),
                    "the hook accepts: " + what, step)
        return step


def hooked(where, name):
    top = os.path.join(where, name)
    os.makedirs(top)
    return Repository(where, top, HOOK)


def snapshot(name, parent=None, state="<state>shutoff</state>"):
    above = f"<parent><name>{parent}</name></parent>" if parent else ""
    return f"""<domainsnapshot>
  <name>{name}</name>
  {state}
  {above}
  <creationTime>1700000000</creationTime>
  <memory snapshot='no'/>
  <domain type='qemu'>
    <name>web</name>
    <uuid>7cd9cd12-6d05-4d7c-8d6c-2c7c3f5f7b1a</uuid>
    <memory unit='KiB'>65536</memory>
    <os><type arch='x86_64' machine='pc'>hvm</type></os>
  </domain>
  <active>0</active>
</domainsnapshot>
"""


def try_hook(tally, where):
    git = hooked(where, "plain")
    web = os.path.join(git.top, "snapshots", "web")
    write(os.path.join(web, "s1.xml"), snapshot("s1"))
    write(os.path.join(web, "s2.xml"), snapshot("s2", "s1"))
    git("add", "-A")
    git.accepts(tally, "the first commit")

    bad = snapshot("s2", "s1", state="")
    write(os.path.join(web, "s2.xml"), bad)
    git("add", "-A")
    git.refuses(tally, "a snapshot without a state", "web/s2.xml:",
                "[state-missing]", "nothing is committed")
    write(os.path.join(web, "s2.xml"), snapshot("s2", "s1"))
    git.refuses(tally, "damage in the index, mended in the working tree",
                "[state-missing]")
    git("reset", "-q")
    write(os.path.join(web, "s2.xml"), bad)
    write(os.path.join(web, "s3.xml"), snapshot("s3", "s2"))
    git("add", "snapshots/web/s3.xml")
    git.accepts(tally, "damage in the working tree only")
    git.refuses(tally, "all that is changed", "[state-missing]",
                arguments=["-a"])
    write(os.path.join(git.top, "notes"), "x")
    git("add", "notes")
    git.refuses(tally, "only the named file", "[state-missing]",
                arguments=["s2.xml"], cwd=web)
    git.accepts(tally, "only another file", arguments=["--", "notes"])

    git("checkout", "-q", "--", ".")
    git("rm", "-q", "snapshots/web/s1.xml")
    git.refuses(tally, "the parent removed", "[parent-missing]")
    git("reset", "-q", "--hard")

    git("add", "-A")
    write(os.path.join(web, "s2.xml"), bad)
    git("commit", "-q", "-a", "-n", "-m", "damage")
    for name in ("db", "w*"):
        write(os.path.join(git.top, "snapshots", name, "s1.xml"),
              snapshot("s1"))
        git("add", "-A")
        git.accepts(tally, f"{name}, another domain than the damaged one")
    write(os.path.join(web, "s4.xml"), snapshot("s4", "s1"))
    git("add", "-A")
    git.refuses(tally, "a change beside old damage", "web/s2.xml:")
    git("reset", "-q", "--hard")
    git("rm", "-q", "-r", "snapshots/web")
    git.accepts(tally, "a domain removed")
    git("rm", "-q", "-r", "snapshots")
    git.accepts(tally, "all domains removed")
    write(os.path.join(git.top, "notes"), "y")
    git("add", "-A")
    step = git.accepts(tally, "no directory", quiet=False)
    tally.check("virt-snapshot.directory" in step.text,
                "a directory that is not there is named", step)

    git.env["PATH"] = PLAIN_PATH
    write(os.path.join(git.top, "notes"), "z")
    git("add", "-A")
    if shutil.which("virt-snapshot-verify", path=PLAIN_PATH):
        tally.skip("the hook without the program: it is installed")
    else:
        git.refuses(tally, "no program", "is not installed")


def try_hook_directories(tally, where):
    """However a directory is written, and more than one."""
    git = hooked(where, "directories")
    good, bad = snapshot("s1"), snapshot("s1", state="")
    for name in ("host1", "host2", "some where/of [a] *"):
        write(os.path.join(git.top, name, "web", "s1.xml"), good)
    os.symlink("host2", os.path.join(git.top, "link"))
    git("add", "-A")
    git("commit", "-q", "-n", "-m", "all")
    write(os.path.join(git.top, "host2", "web", "s1.xml"), bad)
    git("add", "-A")

    def configure(*values):
        git("config", "--unset-all", "virt-snapshot.directory")
        for value in values:
            git("config", "--add", "virt-snapshot.directory", value)

    for value in ("host2", "host2/", "./host2", "host2//", "host1/../host2",
                  ".//host2/.", git.top + "/host2", git.top + "//./host2/"):
        configure(value)
        git.refuses(tally, value, "host2/web/s1.xml:1:", "'host2'",
                    "[state-missing]")
        hook = Step(value, run("sh", HOOK, value, cwd=git.top, env=git.env))
        tally.check(hook.status == 1 and "host2/web/s1.xml:" in hook.text,
                    "as an argument: " + value, hook)
    for values in (["host1", "host2"], ["host2", "host1"]):
        configure(*values)
        git.refuses(tally, f"{values}", "host2/web/s1.xml:1:")
        hook = Step("both", run("sh", HOOK, *values, cwd=git.top,
                                env=git.env))
        tally.check(hook.status == 1, f"{values} as arguments", hook)
    for value, words in (("../host2", "is not in the repository"),
                         ("host1/../../host2", "is not in the repository"),
                         ("/host2", "say where it is from there"),
                         (git.top + "2/host2", "say where it is from there"),
                         ("link", "'link' is no directory"),
                         ("host2/web/s1.xml", "is no directory")):
        configure(value)
        git.refuses(tally, value, words, "nothing is committed")
    write(os.path.join(git.top, "some where/of [a] *", "web", "s1.xml"), bad)
    git("add", "-A")
    configure("host2", "some where//of [a] *")
    git.refuses(tally, "both damaged", "host2/web/s1.xml:1:",
                "some where/of [a] */web/s1.xml:1:", "'host2': the snapshots",
                "'some where/of [a] *': the snapshots")
    configure("host1")
    git.accepts(tally, "damage elsewhere")


def try_hook_on_stores(tally, where):
    """Every domain of real stores, whatever it is called, in both layouts."""
    for number, store in enumerate(support.STORES * 2):
        bulk = number >= len(support.STORES)
        git = hooked(where, f"store-{number}")
        directory = ["machines/of [a] *", "."][number % 2]
        git("config", "virt-snapshot.directory", directory)
        folder, source = sound(store, where)
        if bulk:
            tally.check(run(support.MIGRATE, "-q", source).returncode == 0,
                        "converted: " + store)
        base = os.path.join(git.top, directory)
        shutil.copytree(source, base, dirs_exist_ok=True)
        shutil.rmtree(folder)
        git("add", "-A")
        git.accepts(tally, f"all of {store}")
        for path in sorted(glob.glob(os.fsencode(glob.escape(base)) +
                                     (b"/*.xml" if bulk else b"/*"))):
            if not bulk:
                path = min(glob.glob(glob.escape(path) + b"/*.xml"),
                           default=None)
            if not path or not os.path.isfile(path):
                continue
            with open(path, "rb") as file:
                content = file.read()
            with open(path, "wb") as file:
                file.write(content.replace(b"creationTime>", b"time>"))
            git("add", "-A")
            git.refuses(tally, f"damage in {path!r}", "error: ")
            git("reset", "-q", "--hard")


def try_pre_commit(tally, where):
    """The program pre-commit, with the hook in the repository itself."""
    if not shutil.which("pre-commit"):
        tally.skip("pre-commit is not installed")
        return
    git = Repository(where, workspace(where, "framework", False))
    shutil.copy(os.path.join(CI, "pre-commit-config.yaml"),
                os.path.join(git.top, ".pre-commit-config.yaml"))
    os.makedirs(os.path.join(git.top, "ci"))
    shutil.copy(HOOK, os.path.join(git.top, "ci", "pre-commit"))
    git("add", "-A")
    env = dict(git.env, PRE_COMMIT_HOME=os.path.join(where, "cache"))
    config = os.path.join(git.top, ".pre-commit-config.yaml")
    for damaged, words in ((False, "[snapshots]"), (True, "[snapshots]"),
                           (True, "[./snapshots]"), (True, "[ci, snapshots/]")):
        write(config, read("pre-commit-config.yaml").replace("[snapshots]",
                                                             words))
        if damaged:
            damage(os.path.join(git.top, "snapshots"))
        git("add", "-A")
        step = Step("pre-commit", run("pre-commit", "run", cwd=git.top,
                                      env=env))
        tally.check(step.status == damaged and
                    ("web/s1.xml" in step.text) == damaged,
                    f"pre-commit, {words}, {damaged}", step)


def check_files(tally):
    hooks = os.path.join(TOP, ".pre-commit-hooks.yaml")
    (hook,) = yaml.safe_load(open(hooks, encoding="utf-8"))
    entry = os.path.join(TOP, hook["entry"])
    tally.check(os.path.exists(entry) and
                os.stat(entry).st_mode & stat.S_IXUSR,
                ".pre-commit-hooks.yaml names the hook", hook)
    (local,) = yaml.safe_load(read("pre-commit-config.yaml"))["repos"]
    same = ("id", "name", "language", "args", "pass_filenames", "always_run")
    tally.check(all(local["hooks"][0][key] == hook[key] for key in same),
                "both definitions of the hook are the same", local)
    names = set(re.findall(r"^\| `([^`]+)`", read("README.md"), re.M))
    tally.check(names == set(os.listdir(CI)) - {"README.md"},
                "README.md names the examples", names)
    if shutil.which("yamllint"):
        files = glob.glob(os.path.join(CI, "*.y*ml")) + [hooks]
        result = run("yamllint", "-d", YAMLLINT, *files)
        tally.check(result.returncode == 0, "yamllint", result.stdout)
    else:
        tally.skip("yamllint is not installed")


def main():
    tally = support.Tally()
    if shutil.which("git"):
        for part in (try_hook, try_hook_directories, try_hook_on_stores,
                     try_pre_commit):
            with support.Scratch() as where:
                part(tally, where)
    else:
        tally.skip("git is not installed")
    if yaml:
        check_files(tally)
        parts = [try_systems, try_wrong_setup]
        if support.FULL and shutil.which("git"):
            parts.append(try_building)
        for part in parts:
            with support.Scratch() as where:
                part(tally, where)
    else:
        tally.skip("python3-yaml is not installed")
    tally.end()


if __name__ == "__main__":
    sys.exit(main())
