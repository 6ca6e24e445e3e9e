"""Fetches packages of Debian's archive with apt, privately and without root.

usage: fetch.py index  DIRECTORY ARCHITECTURE
       fetch.py binary INDEX ARCHITECTURE DIRECTORY PACKAGE...

`index` downloads the package lists into DIRECTORY, from those of the machine's
apt sources that are Debian's own; `binary` uses that DIRECTORY as INDEX and
unpacks packages into another.
"""

import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile


def release_names():
    """The names under which the machine's sources may list its release."""
    names = {"stable", "oldstable"}
    with open("/etc/os-release", encoding="utf-8") as file:
        for line in file:
            if line.startswith("VERSION_CODENAME="):
                names.add(line.split("=", 1)[1].strip().strip('"'))
    return names


def is_debian(suite):
    """Other vendors name their suites otherwise: nodistro, tool-bookworm."""
    return re.split(r"[-/]", suite)[0] in release_names()


def one_line_sources(path):
    """Yields (options, uri, suite, components) of a .list file."""
    with open(path, encoding="utf-8") as file:
        for line in file:
            match = re.match(r"deb\s+(?:\[([^]]*)\]\s+)?(\S+)\s+(\S+)\s+([^#]+)", line)
            if match:
                options, uri, suite, components = match.groups()
                keep = [o for o in (options or "").split() if o.startswith("signed-by=")]
                yield keep, uri, suite, components.split()


def deb822_sources(path):
    """Yields (options, uri, suite, components) of a .sources file."""
    with open(path, encoding="utf-8") as file:
        text = re.sub(r"(?m)^#.*\n?", "", file.read())
    for stanza in re.split(r"\n\s*\n", text):
        fields = {}
        for key, value in re.findall(r"(?m)^([A-Za-z-]+):[ \t]*(.*(?:\n[ \t].*)*)", stanza):
            fields[key.lower()] = value.split()
        if "deb" not in fields.get("types", []) or fields.get("enabled") == ["no"]:
            continue
        key = fields.get("signed-by", [])
        options = ["signed-by=" + key[0]] if key and key[0].startswith("/") else []
        for uri in fields.get("uris", []):
            for suite in fields.get("suites", []):
                yield options, uri, suite, fields.get("components", [])


def write_sources(path):
    """Writes a private sources.list."""
    etc = "/etc/apt/"
    sources = []
    for name in sorted(glob.glob(etc + "sources.list") + glob.glob(etc + "sources.list.d/*.list")):
        sources += one_line_sources(name)
    for name in sorted(glob.glob(etc + "sources.list.d/*.sources")):
        sources += deb822_sources(name)
    sources = [s for s in sources if is_debian(s[2])]
    if not sources:
        sys.exit("no Debian source found in /etc/apt")
    with open(path, "w", encoding="utf-8") as file:
        for options, uri, suite, components in sources:
            bracket = "[" + " ".join(options) + "] " if options else ""
            print("deb", bracket + uri, suite, *components, file=file)


def apt(index, architecture, *arguments, cwd=None, program="apt-get"):
    """Runs apt on the state in `index`; returns its output."""
    options = {
        "APT::Architecture": architecture,
        "APT::Architectures": architecture,
        "APT::Sandbox::User": "",
        "Acquire::Languages": "none",
        "Acquire::Retries": "3",
        "Dir::Cache": index + "/cache",
        "Dir::Etc::SourceList": index + "/sources.list",
        "Dir::Etc::SourceParts": "-",
        "Dir::State": index + "/state",
        "Dir::State::Lists": index + "/lists",
        "Dir::State::status": index + "/status",
        # The machine's own hooks look at the machine's own state.
        "APT::Update::Post-Invoke-Success": "",
    }
    command = [program]
    for key, value in options.items():
        command += ["-o", key + "=" + value]
    result = subprocess.run(
        command + list(arguments), cwd=cwd, check=False, text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if result.returncode:
        sys.exit(" ".join([program, *arguments]) + " failed:\n" + result.stdout)
    return result.stdout


def fetch_index(index, architecture):
    for folder in ("cache/archives/partial", "lists/partial", "state"):
        os.makedirs(os.path.join(index, folder), exist_ok=True)
    with open(os.path.join(index, "status"), "w", encoding="utf-8"):
        pass
    write_sources(os.path.join(index, "sources.list"))
    apt(index, architecture, "update", "--error-on=any")


def fetch_binary(index, architecture, directory, *packages):
    with tempfile.TemporaryDirectory() as scratch:
        apt(index, architecture, "download", *packages, cwd=scratch)
        for archive in sorted(glob.glob(scratch + "/*.deb")):
            subprocess.run(["dpkg-deb", "--extract", archive, directory], check=True)


def main(arguments):
    if not shutil.which("apt-get"):
        sys.exit("apt-get is needed")
    match arguments:
        case ["index", directory, architecture]:
            fetch_index(directory, architecture)
        case ["binary", index, architecture, directory, *packages] if packages:
            fetch_binary(index, architecture, directory, *packages)
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
