#!/usr/bin/env python3
"""Every format of a report is what it claims to be, and says the same.

The reports: listings that tests/unit/test-format makes by hand (one with every
kind of hostile text, two as large as they can be), the stores, and a damaged
copy of one. The XML is held against its schema; each other format is read by a
tool of its own and compared with the XML, member by member where it is data.
"""
import json
import os
import re
import shutil
import sys
import time
import urllib.parse
import xml.etree.ElementTree as ElementTree

from support import (BUILD, HERE, STORES, VERIFY, Scratch, Tally, run, unpack)

HARNESS = os.path.join(BUILD, "tests", "test-format")
REPORT_RNG = os.path.join(os.path.dirname(HERE), "schemas", "report.rng")
JUNIT_RNG = os.path.join(HERE, "junit.rng")
SMALL = ("nothing", "common", "hostile", "several")
LARGE = ("chain", "wide")
NUMBERS = {"index", "created", "line", "column", "depth", "below", "count",
           "snapshot-index"}
# Seconds; a hundred times of what is usual for the quickest of the large ones.
LIMIT = 120
tally = Tally()


class Report:
    """A report of one source in any format."""

    def __init__(self, name, command, codes=(0, 1)):
        self.name, self.command, self.codes = name, command, codes
        self.xml = self.render("xml")
        self.root = ElementTree.fromstring(self.xml)
        self.large = len(self.xml) > 2000000

    def render(self, form):
        start = time.monotonic()
        result = run(*self.command(form))
        tally.check(result.returncode in self.codes,
                    f"{self.name}: {form}: status", result)
        tally.check(time.monotonic() - start < LIMIT,
                    f"{self.name}: {form}: takes too long")
        return result.stdout

    def check(self, good, what, detail=""):
        return tally.check(good, f"{self.name}: {what}", detail)

    def problems(self, **wanted):
        return [problem for problem in self.root.iter("problem")
                if all(problem.get(name) == value
                       for name, value in wanted.items())]


def validate(report, schema, data, what):
    result = run("xmllint", "--nonet", "--noout", "--relaxng", schema, "-",
                 data=data)
    report.check(result.returncode == 0, what, result.stderr[:2000])


# The data of the JSON formats, from the XML.

def attributes(element, flags=()):
    found = {name.replace("-", "_"):
             int(value) if name in NUMBERS else value
             for name, value in element.attrib.items() if name not in flags}
    found.update((name.replace("-", "_"), name in element.attrib)
                 for name in flags)
    return found


def as_problem(problem):
    found = attributes(problem, ("known",))
    found.update((child.tag, child.text or "") for child in problem)
    return found


def as_rule(rule):
    found = attributes(rule)
    found.update((child.tag, child.text or "") for child in rule)
    return found


def as_summary(root):
    return {name.replace("-", "_"): int(value)
            for name, value in root.find("summary").attrib.items()}


def as_json(root):
    found = attributes(root, ("baseline",))
    found["domains"] = []
    for domain in root.findall("domain"):
        one = attributes(domain, ("current-forgotten",))
        one["snapshots"] = [attributes(snapshot, ("current",))
                            for snapshot in domain.findall("snapshot")]
        one["problems"] = [as_problem(problem)
                           for problem in domain.findall("problem")]
        found["domains"].append(one)
    found["problems"] = [as_problem(problem)
                         for problem in root.findall("problem")]
    found["unchecked"] = [text.text or "" for text in
                          root.findall("unchecked")]
    found["rules"] = [as_rule(rule) for rule in root.findall("rule")]
    found["summary"] = as_summary(root)
    return found


def as_lines(root):
    for domain in root.findall("domain"):
        base = {"base": domain.get("base")} if "base" in domain.attrib else {}
        yield {"type": "domain", **attributes(domain, ("current-forgotten",))}
        for snapshot in domain.findall("snapshot"):
            yield {"type": "snapshot", "domain": domain.get("name"), **base,
                   **attributes(snapshot, ("current",))}
        for problem in domain.findall("problem"):
            yield {"type": "problem", **base, **as_problem(problem)}
    for problem in root.findall("problem"):
        yield {"type": "problem", **as_problem(problem)}
    for text in root.findall("unchecked"):
        yield {"type": "unchecked", "message": text.text or ""}
    yield {"type": "summary", "version": root.get("version"),
           **as_summary(root)}


def strict_json(data):
    """JSON as RFC 8259 has it: no member twice, no NaN, and UTF-8."""
    def members(pairs):
        assert len(dict(pairs)) == len(pairs), pairs
        return dict(pairs)

    def constant(name):
        raise ValueError(name)
    return json.loads(data.decode("utf-8"), object_pairs_hook=members,
                      parse_constant=constant)


def check_json(report):
    report.check(strict_json(report.render("json")) == as_json(report.root),
                 "json says what the XML says")


def check_jsonl(report):
    lines = report.render("jsonl").decode("utf-8")
    report.check(lines.endswith("\n"), "jsonl: the last line ends")
    found = [strict_json(line.encode()) for line in lines[:-1].split("\n")]
    report.check(found == list(as_lines(report.root)),
                 "jsonl says what the XML says")


def check_junit(report):
    data = report.render("junit")
    validate(report, JUNIT_RNG, data, "junit has its structure")
    root = ElementTree.fromstring(data)
    domains = report.root.findall("domain")
    rest = report.root.findall("unchecked") + report.root.findall("problem")
    report.check(len(root) == len(domains) + bool(rest), "junit: suites")
    for suite in root:
        for name, tag in (("tests", "testcase"), ("errors", "*/error"),
                          ("failures", "*/failure")):
            report.check(int(suite.get(name)) == len(suite.findall(tag)),
                         f"junit: {name} of {suite.get('name')!r}")
    for domain, suite in zip(domains, root):
        report.check(
            [case.get("name") for case in suite][1:] ==
            [snapshot.get("name") for snapshot in domain.findall("snapshot")],
            "junit: a case for each snapshot")
        for index, case in enumerate(suite):
            expected = [problem for problem in domain.findall("problem")
                        if problem.get("snapshot-index", "0") == str(index)]
            failing = [problem for problem in expected
                       if problem.get("severity") == "error"
                       and not problem.get("known")]
            text = "".join(case.itertext())
            if (bool(failing) != (case.find("failure") is not None) or
                    text.count("\n    so: ") != len(expected) or
                    not all(problem.findtext("message") in text
                            for problem in expected)):
                report.check(False, "junit: findings of a case", text[:500])
            if report.large and index > 200:
                break
    report.check(len(root.findall("*/*/error")) ==
                 len(report.root.findall("unchecked")), "junit: unchecked")


# SARIF 2.1.0, the parts that are used: which members an object has to have, and
# which it may have (sections 3.13 to 3.58 of the standard).

SARIF = {
    "log": ({"version", "runs"}, {"$schema"}),
    "run": ({"tool", "results"}, {"invocations", "originalUriBaseIds"}),
    "tool": ({"driver"}, set()),
    "driver": ({"name"}, {"version", "rules"}),
    "rule": ({"id"}, {"shortDescription", "fullDescription", "help",
                      "defaultConfiguration"}),
    "configuration": (set(), {"level"}),
    "message": ({"text"}, set()),
    "invocation": ({"executionSuccessful"}, {"toolExecutionNotifications"}),
    "notification": ({"message"}, {"level"}),
    "result": ({"message"}, {"ruleId", "ruleIndex", "level", "locations",
                             "partialFingerprints", "baselineState"}),
    "location": (set(), {"physicalLocation", "logicalLocations"}),
    "physical": ({"artifactLocation"}, {"region"}),
    "artifact": (set(), {"uri", "uriBaseId"}),
    "region": ({"startLine"}, {"startColumn"}),
    "logical": (set(), {"name", "fullyQualifiedName", "kind"}),
}
LEVELS = {"none", "note", "warning", "error"}
URI = re.compile(r"(?:[A-Za-z0-9\-._~/]|%[0-9A-F]{2})*")


def members(report, what, value):
    needed, allowed = SARIF[what]
    if not (isinstance(value, dict) and needed <= set(value) and
            set(value) <= needed | allowed):
        report.check(False, f"sarif: members of a {what}", value)
    if "level" in value and value["level"] not in LEVELS:
        report.check(False, "sarif: level", value)
    return value


def check_sarif_location(report, run_, location, problem):
    members(report, "location", location)
    if "physicalLocation" in location:
        physical = members(report, "physical", location["physicalLocation"])
        artifact = members(report, "artifact", physical["artifactLocation"])
        uri = artifact["uri"]
        plain = uri[len("file://"):] if uri.startswith("file://") else uri
        based = run_.get("originalUriBaseIds", {})
        good = URI.fullmatch(plain)
        if "uriBaseId" in artifact:
            good = (good and artifact["uriBaseId"] in based and
                    not uri.startswith(("/", "file:")) and
                    based[artifact["uriBaseId"]]["uri"].endswith("/") and
                    based[artifact["uriBaseId"]]["uri"].startswith("file:///"))
        elif report.root.get("base", "").startswith("/"):
            good = False
        if not good:
            report.check(False, "sarif: uri", artifact)
        if "\\" not in problem.get("file") and not uri.endswith(
                urllib.parse.quote(problem.get("file"), safe="/~")):
            report.check(False, "sarif: file", artifact)
        region = physical.get("region")
        if region is not None:
            members(report, "region", region)
            if not all(isinstance(value, int) and value > 0
                       for value in region.values()):
                report.check(False, "sarif: region", region)
    for logical in location.get("logicalLocations", []):
        members(report, "logical", logical)
        if logical["name"] != problem.get("snapshot", problem.get("domain")):
            report.check(False, "sarif: name", logical)


def check_sarif(report):
    log = members(report, "log", strict_json(report.render("sarif")))
    report.check(log["version"] == "2.1.0" and len(log["runs"]) == 1 and
                 log["$schema"].endswith("sarif-2.1.0.json"), "sarif: version")
    run_ = members(report, "run", log["runs"][0])
    driver = members(report, "driver", members(report, "tool",
                                               run_["tool"])["driver"])
    for rule in driver["rules"]:
        members(report, "rule", rule)
        members(report, "configuration", rule["defaultConfiguration"])
        for name in ("shortDescription", "fullDescription", "help"):
            report.check(members(report, "message", rule[name])["text"],
                         "sarif: text of a rule")
    ids = [rule["id"] for rule in driver["rules"]]
    report.check(len(set(ids)) == len(ids) and
                 set(ids) == {problem.get("id")
                              for problem in report.problems()},
                 "sarif: rules are what was found")
    unchecked = [text.text for text in report.root.findall("unchecked")]
    invocation, = run_["invocations"]
    members(report, "invocation", invocation)
    report.check(invocation["executionSuccessful"] == (not unchecked) and
                 [members(report, "notification", one)["message"]["text"]
                  for one in invocation["toolExecutionNotifications"]] ==
                 unchecked, "sarif: unchecked")
    report.check(len(run_["results"]) == len(report.problems()),
                 "sarif: a result for each finding")
    states = {None: {None}, "yes": {"new", "unchanged"}}
    for result, problem in zip(run_["results"], report.problems()):
        members(report, "result", result)
        state = result.get("baselineState")
        if not (ids[result["ruleIndex"]] == result["ruleId"] ==
                problem.get("id") and
                result["level"] == problem.get("severity") and
                result["message"]["text"] == problem.findtext("message") and
                list(result["partialFingerprints"].values()) ==
                [problem.get("fingerprint")] and
                state in states[report.root.get("baseline")] and
                (state == "unchanged") == (problem.get("known") == "yes")):
            report.check(False, "sarif: result", result)
        for location in result.get("locations", []):
            check_sarif_location(report, run_, location, problem)


COMMAND = re.compile(
    r"::(?P<kind>error|warning|notice) "
    r"(?:file=(?P<file>[^,:]*),)?(?:line=(?P<line>\d+),)?"
    r"(?:col=(?P<column>\d+),)?title=(?P<title>[^,:]*)::(?P<message>.+)")


def as_message(problem):
    names = [problem.get(name) for name in ("domain", "snapshot")
             if problem.get(name) is not None and problem.get("domain")]
    where = "/".join(names) + ": " if names else ""
    return where + "\n".join((problem.findtext("message"),
                              "so: " + problem.findtext("consequence"),
                              "do: " + problem.findtext("remedy")))


def check_github(report):
    lines = report.render("github").decode("utf-8").split("\n")
    report.check(lines.pop() == "", "github: the last line ends")
    found = [COMMAND.fullmatch(line) for line in lines]
    report.check(all(found), "github: every line is a command", lines[:3])
    report.check(not any(re.search("%(?!25|0A|0D|3A|2C)", line)
                         for line in lines), "github: escapes")
    kinds = [one["kind"] for one in found if one]
    report.check(kinds == sorted(kinds, key=["error", "warning",
                                             "notice"].index),
                 "github: errors first")
    new = [problem for problem in report.problems()
           if not problem.get("known")]
    report.check(len(kinds) == len(new) + 1 +
                 len(report.root.findall("unchecked")),
                 "github: a line for each new finding")
    expected = sorted((problem.get("line"), problem.findtext("title") +
                       f" [{problem.get('id')}]") for problem in new
                      if problem.get("line"))
    report.check(expected == sorted(
        (one["line"], urllib.parse.unquote(one["title"])) for one in found
        if one and one["line"]), "github: lines and titles")
    report.check(sorted(as_message(problem) for problem in new) ==
                 sorted(urllib.parse.unquote(one["message"]) for one in found
                        if one and one["title"][-1] == "]"),
                 "github: messages")
    base = re.sub(r"^\./", "", report.root.get("base", ""))
    folder = base + "/" if base and base[-1] != "/" else base
    report.check(sorted(folder + problem.get("file") for problem in new
                        if problem.get("file")) ==
                 sorted(urllib.parse.unquote(one["file"]) for one in found
                        if one and one["file"]), "github: files")


def check_dot(report):
    data = report.render("dot")
    if not shutil.which("dot"):
        tally.skip(f"{report.name}: dot: Graphviz is not installed")
        return
    snapshots = report.root.findall("domain/snapshot")
    if report.large:
        # A picture of it would take hours; is it a graph?
        result = run("gc", "-n", "-e", "-", data=data)
        report.check(result.returncode == 0 and
                     [int(word) for word in result.stdout.split()[:2]] ==
                     [len(snapshots), sum("below" in one.attrib
                                          for one in snapshots)],
                     "dot: nodes and edges", result)
        return
    result = run("dot", "-Tsvg", data=data)
    report.check(result.returncode == 0 and not result.stderr,
                 "dot draws it", result.stderr)
    svg = ElementTree.fromstring(result.stdout)
    space = "{http://www.w3.org/2000/svg}"
    kinds = [group.get("class") for group in svg.iter(space + "g")]
    edges = {"d{0}s{1}->d{0}s{2}".format(domain.get("index"), one.get("below"),
                                         one.get("index"))
             for domain in report.root.findall("domain")
             for one in domain.findall("snapshot") if one.get("below")}
    empty = [domain for domain in report.root.findall("domain")
             if domain.find("snapshot") is None]
    report.check(kinds.count("node") == len(snapshots) + len(empty),
                 "dot: nodes", kinds)
    report.check(kinds.count("edge") == len(edges) and
                 edges <= {title.text for title in svg.iter(space + "title")},
                 "dot: edges")
    report.check(kinds.count("cluster") ==
                 len(report.root.findall("domain")), "dot: clusters")
    texts = {" ".join("".join(text.itertext()).split())
             for text in svg.iter(space + "text")}
    for snapshot in snapshots:
        name = " ".join(snapshot.get("name").split())
        if name and name not in texts:
            report.check(False, "dot: name of a node", name)


STRICT = """
import sys, html5lib, xml.etree.ElementTree as ElementTree
parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
tree = parser.parse(sys.stdin.buffer.read())
sys.stdout.buffer.write(ElementTree.tostring(tree))
"""


def find_html5lib():
    for python in (sys.executable, "/usr/bin/python3"):
        if shutil.which(python) and run(python, "-c",
                                        "import html5lib").returncode == 0:
            return python
    return None


PYTHON = find_html5lib()


def check_html(report):
    data = report.render("html")
    report.check(data.startswith(b"<!DOCTYPE html>") and
                 b"<script" not in data and b"@import" not in data and
                 not re.search(rb"(?:src|srcset|action|data)=|url\(|https?://",
                               re.sub(rb"<(?:bdi|td|code)\b.*?</", b"", data)),
                 "html needs nothing else")
    if PYTHON is None:
        tally.skip(f"{report.name}: html: html5lib is not installed")
        return
    if report.large:
        return
    result = run(PYTHON, "-c", STRICT, data=data)
    if not report.check(result.returncode == 0, "html is HTML 5",
                        result.stderr[-500:]):
        return
    page = ElementTree.fromstring(result.stdout)
    report.check(page.get("lang") == "en" and page.findtext("head/title"),
                 "html: language and title")
    ids = [one.get("id") for one in page.iter() if one.get("id")]
    report.check(len(ids) == len(set(ids)), "html: ids are unique")
    report.check(all(one.get("href")[0] == "#" and one.get("href")[1:] in ids
                     for one in page.iter("a")), "html: links lead somewhere")
    items = [one for one in page.iter("div") if one.get("role") == "listitem"]
    report.check([one.find("p/bdi").text or "" for one in items] ==
                 [one.get("name") for one in
                  report.root.findall("domain/snapshot")],
                 "html: every snapshot is in a tree")
    places = page.findall(".//article//bdi[@class='place']")
    report.check(len(places) == len(report.problems()),
                 "html: every finding has its place")
    report.check(all(table.findall("thead/tr/th[@scope='col']")
                     for table in page.iter("table")), "html: table headers")
    report.check(len(page.findall(".//*[@class='unchecked']/li")) ==
                 len(report.root.findall("unchecked")), "html: unchecked")


CHECKS = (check_json, check_jsonl, check_junit, check_sarif, check_github,
          check_dot, check_html)


def check(report):
    validate(report, REPORT_RNG, report.xml, "the XML is valid")
    for one in CHECKS:
        try:
            one(report)
        except (ValueError, KeyError, TypeError, AttributeError, IndexError,
                ElementTree.ParseError, AssertionError) as error:
            report.check(False, one.__name__, repr(error))


def by_hand(scene, *more):
    return Report(scene, lambda form: [HARNESS, scene, form, *more], (0,))


def check_baseline(scratch):
    """What was known is marked, and counts no more."""
    earlier = os.path.join(scratch, "earlier.xml")
    with open(earlier, "wb") as file:
        file.write(by_hand("common").xml)
    report = by_hand("common", earlier)
    report.name = "baseline"
    report.check(report.problems() == report.problems(known="yes"),
                 "all are known")
    check(report)
    report.check(b"<failure" not in report.render("junit"),
                 "junit: known findings do not fail")
    other = by_hand("several", earlier)
    other.name = "another baseline"
    report.check(not other.problems(known="yes"), "others are not known")
    check(other)


def by_program(name, base, *options):
    return Report(name, lambda form: [VERIFY, "-f", form, *options, base])


def damage(base):
    """Change a few files of a store; what for, the unit tests know."""
    done = 0
    for folder, _, files in sorted(os.walk(base)):
        for name in sorted(files)[:3]:
            path = os.path.join(folder, name)
            with open(path, encoding="utf-8") as file:
                text = file.read()
            change = (("<state>", "<state>x"), ("<creationTime>",
                      "<creationTime>x"), ("</domainsnapshot>", ""),
                      ("<active>", "<passive>"), ("<name>", "<name>x"))
            with open(path, "w", encoding="utf-8") as file:
                file.write(text.replace(*change[done % len(change)], 1))
            done += 1
    with open(os.path.join(base, "a:b,c%d\n&<\"'\\\udcff"), "wb"):
        pass
    os.mkdir(os.path.join(base, "\u202e\t<x>"))


def check_stores(scratch):
    if b"--format" not in run(VERIFY, "--help").stdout:
        tally.skip("the program has no --format")
        return
    for store in STORES:
        folder, _ = unpack(store, scratch)
        base = os.path.join(folder, "snapshot")
        report = by_program(store, base)
        check(report)
        report.check(len(report.root.findall("domain/snapshot")) > 100,
                     "it has snapshots")
        damage(base)
        report = by_program("damaged " + store, base)
        check(report)
        report.check(len({problem.get("id")
                          for problem in report.problems()}) > 5,
                     "it has problems")


CHECKPOINT = ("<domaincheckpoint><name>{0}</name>{1}<creationTime>{2}"
              "</creationTime></domaincheckpoint>\n")


def check_checkpoints(scratch):
    """Reports of checkpoints, and of some that lie among the snapshots: the
    command that puts those back is in there as it has to be typed."""
    for folder in ("web", "branched", "it's \\ <\u202e\t>"):
        for base in ("checkpoint", "snapshot"):
            os.makedirs(os.path.join(scratch, base, folder))
        for number in range(3):
            above = 0 if folder == "branched" else number - 1
            parent = f"<parent><name>c{above}</name></parent>"
            for base in ("checkpoint", "snapshot"):
                path = os.path.join(scratch, base, folder, f"c{number}.xml")
                with open(path, "w", encoding="utf-8") as file:
                    file.write(CHECKPOINT.format(
                        f"c{number}", parent if number else "",
                        "x" if folder == "web" and number == 1 else number))
    os.mkdir(os.path.join(scratch, "checkpoint", "empty"))
    report = by_program("checkpoints", os.path.join(scratch, "checkpoint"),
                        "--kind=checkpoint")
    check(report)
    report.check(report.root.get("kind") == "checkpoint" and
                 len(report.problems()) > 2, "it has problems")
    report = by_program("misplaced", os.path.join(scratch, "snapshot"))
    check(report)
    shutil.rmtree(os.path.join(scratch, "checkpoint"))
    for problem in report.problems(id="checkpoint-misplaced"):
        command = problem.findtext("remedy").partition(": ")[2]
        result = run("sh", "-c", command)
        report.check(result.returncode == 0, command, result.stderr)
    report = by_program("put back", os.path.join(scratch, "checkpoint"),
                        "--kind=checkpoint")
    report.check(len(report.root.findall("domain/snapshot")) == 9,
                 "they are put back", report.xml)


with Scratch() as place:
    for each in SMALL + LARGE:
        check(by_hand(each))
    check_baseline(place)
    check_stores(place)
    check_checkpoints(place)
tally.end()
