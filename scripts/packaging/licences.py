"""Prints the licences of all crates that are compiled into emr-tools: licences.py CLONE TARGET

Equal texts are printed once, after the names of all crates that have them. A crate that ships no text is named with the
licence that it declares.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

LICENCE = re.compile(r"(licen[cs]e|copying|copyright|notice|unlicense)", re.IGNORECASE)


def linked(metadata):
    """The packages that emr-tools links, without those that are only for build scripts and tests."""
    nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
    packages = {package["id"]: package for package in metadata["packages"]}
    ours = set(metadata["workspace_members"])
    todo = [id for id in ours if packages[id]["name"] == "emr-tools"]
    seen = set(todo)
    while todo:
        for dependency in nodes[todo.pop()]["deps"]:
            is_linked = any(kind["kind"] is None for kind in dependency["dep_kinds"])
            if is_linked and dependency["pkg"] not in seen:
                seen.add(dependency["pkg"])
                todo.append(dependency["pkg"])
    return sorted((packages[id] for id in seen - ours), key=lambda package: (package["name"], package["version"]))


def texts(package):
    folder = Path(package["manifest_path"]).parent
    files = [file for file in sorted(folder.iterdir()) if file.is_file() and LICENCE.search(file.name)]
    return [file.read_text(errors="replace").strip() for file in files]


def main(clone, target):
    command = ["cargo", "metadata", "--locked", "--format-version=1", f"--filter-platform={target}"]
    metadata = json.loads(subprocess.run(command, cwd=clone, check=True, capture_output=True).stdout)
    owners = {}
    print("emr-tools contains these crates:\n")
    for package in linked(metadata):
        name = f"{package['name']} {package['version']}"
        found = texts(package)
        note = "" if found else ", which ships no text of it"
        print(f"  {name}: {package['license'] or 'see below'}{note}")
        for text in found:
            owners.setdefault(" ".join(text.split()), (text, []))[1].append(name)
    for text, names in owners.values():
        print(f"\n{'=' * 80}\n{', '.join(dict.fromkeys(names))}\n{'=' * 80}\n\n{text}")


if __name__ == "__main__":
    main(*sys.argv[1:])
