"""Prints the licences of all crates that are compiled into emr-tools: licences.py CLONE TARGET

Equal texts are printed once, after the names of all crates that have them. A crate that ships no text is named with the
licence that it declares.

With --check CLONE it prints nothing, unless a crate that emr-tools or its build needs has a licence that deny.toml does
not allow, or stands beside another version of itself that deny.toml does not name: then it ends with 1.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

LICENCE = re.compile(r"(licen[cs]e|copying|copyright|notice|unlicense)", re.IGNORECASE)


def needed(metadata, kinds):
    """The packages that emr-tools needs by dependencies of these kinds: None is what it links, "build" is for scripts."""
    nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
    packages = {package["id"]: package for package in metadata["packages"]}
    ours = set(metadata["workspace_members"])
    todo = [id for id in ours if packages[id]["name"] == "emr-tools"]
    seen = set(todo)
    while todo:
        for dependency in nodes[todo.pop()]["deps"]:
            is_needed = any(kind["kind"] in kinds for kind in dependency["dep_kinds"])
            if is_needed and dependency["pkg"] not in seen:
                seen.add(dependency["pkg"])
                todo.append(dependency["pkg"])
    return sorted((packages[id] for id in seen - ours), key=lambda package: (package["name"], package["version"]))


def texts(package):
    folder = Path(package["manifest_path"]).parent
    files = [file for file in sorted(folder.iterdir()) if file.is_file() and LICENCE.search(file.name)]
    return [file.read_text(errors="replace").strip() for file in files]


def cargo_metadata(clone, *options):
    command = ["cargo", "metadata", "--locked", "--format-version=1", *options]
    return json.loads(subprocess.run(command, cwd=clone, check=True, stdout=subprocess.PIPE).stdout)


def is_allowed(expression, allowed):
    """Whether one may choose among the licences of an SPDX expression so that all are allowed. AND binds tighter."""
    words = re.sub(r"[()]", r" \g<0> ", expression.replace("/", " OR ")).split()

    def alternatives():
        verdict = conjunction()
        while words and words[0] == "OR":
            words.pop(0)
            verdict = conjunction() or verdict
        return verdict

    def conjunction():
        verdict = licence()
        while words and words[0] == "AND":
            words.pop(0)
            verdict = licence() and verdict
        return verdict

    def licence():
        name = words.pop(0)
        if name == "(":
            verdict = alternatives()
            words.pop(0)
            return verdict
        if words and words[0] == "WITH":
            name = f"{name} {words.pop(0)} {words.pop(0)}"
        return name in allowed

    return alternatives()


def check(clone):
    """What deny.toml forbids of the crates of the workspace, a line each."""
    rules = (Path(__file__).parent / "deny.toml").read_text()
    allowed = set(re.findall(r'"([^"]+)"', re.search(r"allow = \[(.*?)\]", rules, re.DOTALL)[1]))
    doubled = set(re.findall(r'crate = "([^"]+)"', rules))
    targets = re.findall(r'"([^"]+)"', re.search(r"targets = \[(.*?)\]", rules, re.DOTALL)[1])
    metadata = cargo_metadata(clone, *(f"--filter-platform={target}" for target in targets))
    versions = {}
    for package in needed(metadata, [None, "build"]):
        versions.setdefault(package["name"], []).append(package["version"])
        if not is_allowed(package["license"] or "none", allowed):
            yield f"{package['name']} {package['version']} has the licence {package['license']}"
    for name, found in sorted(versions.items()):
        if len(found) > 1 and name not in doubled:
            yield f"{name} is there in the versions {', '.join(sorted(found))}"


def main(clone, target):
    if clone == "--check":
        found = list(check(target))
        print("\n".join(f"{line}; see {Path(__file__).parent}/deny.toml" for line in found), end="\n" if found else "")
        return 1 if found else 0
    metadata = cargo_metadata(clone, f"--filter-platform={target}")
    owners = {}
    print("emr-tools contains these crates:\n")
    for package in needed(metadata, [None]):
        name = f"{package['name']} {package['version']}"
        found = texts(package)
        note = "" if found else ", which ships no text of it"
        print(f"  {name}: {package['license'] or 'see below'}{note}")
        for text in found:
            owners.setdefault(" ".join(text.split()), (text, []))[1].append(name)
    for text, names in owners.values():
        print(f"\n{'=' * 80}\n{', '.join(dict.fromkeys(names))}\n{'=' * 80}\n\n{text}")


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
