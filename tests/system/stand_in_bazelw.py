"""Does what `./bazelw run`, `build` and `test` do, with what is built already.

TINE_ROOT is where the files of the build are, TINE_BUILT maps labels to them.
"""

import json
import os
import shlex
import subprocess
import sys

_IMAGE = {"x86_64": "kernel.elf", "aarch64": "Image"}
_PLATFORM = "//platforms/qemu:"


def run(target, options):
    """The run driver, with the arguments of its targets."""
    arch = target.removeprefix(_PLATFORM)
    if not target.startswith(_PLATFORM) or arch not in _IMAGE:
        sys.exit(f"{target}: not run here")
    os.environ["BUILD_WORKING_DIRECTORY"] = os.getcwd()
    os.chdir(os.environ["TINE_ROOT"])
    words = [
        sys.executable, "-B", "platforms/qemu/run.py", "--arch", arch,
        "--kernel", f"platforms/kernel_{arch}/{_IMAGE[arch]}",
        f"platforms/kernel_{arch}.debug/kernel.elf",
        "--initrd", f"userland/root.{arch}.cpio", *options,
    ]
    os.execv(words[0], words)


def build(paths):
    """Makes bazel-bin/PATH what the target is built to."""
    for path in paths:
        link = os.path.join("bazel-bin", path)
        os.makedirs(os.path.dirname(link), exist_ok=True)
        os.symlink(os.path.join(os.environ["TINE_ROOT"], path), link)


def test(paths):
    """Runs the tests; what they say is shown if they fail."""
    os.environ.setdefault("TEST_TIMEOUT", "300")
    for path in paths:
        result = subprocess.run(
            [os.path.join(os.environ["TINE_ROOT"], path)],
            cwd=os.environ["TINE_ROOT"], stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        if result.returncode:
            sys.stderr.buffer.write(result.stdout)
            sys.exit(f"{path}: status {result.returncode}")


def main(words):
    if words[0] == "run":
        target, *options = words[1:]
        if options[:1] == ["--"]:
            options = options[1:]
        run(target, options)
    built = json.loads(os.environ["TINE_BUILT"])
    unknown = [label for label in words[1:] if label not in built]
    if unknown or words[0] not in ("build", "test"):
        sys.exit(f"{shlex.join(words)}: not built for this test")
    {"build": build, "test": test}[words[0]]([built[w] for w in words[1:]])


if __name__ == "__main__":
    main(sys.argv[1:])
