"""docs/tutorial.md: its files are the repository's, its commands work.

Every command of the page is run by a shell, as it stands there. Only ./bazelw is
a stand-in (stand_in_bazelw.py), as a test cannot start Bazel: it runs what the
named targets have been built to.
"""

import json
import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile
import unittest

_PAGE = "docs/tutorial.md"
_SOURCES = "userland/tutorial/"
_FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SECONDS = 240

# Labels of the page to what they are built to.
BUILT = {
    "//userland/tutorial:" + name: _SOURCES + path
    for name, path in {
        "primes_test_linux": "primes_test_linux.sh",
        "primes_test_x86_64": "primes_test_x86_64.sh",
        "primes_test_aarch64": "primes_test_aarch64.sh",
        "tally.x86_64": "tally.x86_64/tally",
        "tally.aarch64": "tally.aarch64/tally",
    }.items()
}


class TutorialTest(unittest.TestCase):
    def setUp(self):
        with open(_PAGE, encoding="utf-8") as file:
            self.blocks = _FENCE.findall(file.read())

    def test_shows_the_files_of_the_repository(self):
        shown = [text for kind, text in self.blocks
                 if kind in ("cpp", "python")]
        files = []
        for name in ("primes.h", "count_primes.cc", "BUILD", "primes_test.cc",
                     "tally.cc"):
            with open(_SOURCES + name, encoding="utf-8") as file:
                files.append(file.read())
        self.assertEqual(shown, files)

    def test_commands_do_what_it_says(self):
        scripts = [(kind, text) for kind, text in self.blocks
                   if kind in ("sh", "text")]
        self.assertGreaterEqual(len(scripts), 10)
        with tempfile.TemporaryDirectory() as folder:
            for name in ("primes.h", "count_primes.cc"):
                shutil.copy(_SOURCES + name, folder)
            stand_in = os.path.join(folder, "bazelw")
            with open(stand_in, "w", encoding="utf-8") as file:
                file.write(
                    f"#!/bin/sh\nexec {sys.executable} -B"
                    f" {os.path.abspath('tests/system/stand_in_bazelw.py')}"
                    ' "$@"\n'
                )
            os.chmod(stand_in, stat.S_IRWXU)
            environment = dict(
                os.environ, TINE_BUILT=json.dumps(BUILT), TINE_ROOT=os.getcwd()
            )
            for index, (kind, text) in enumerate(scripts):
                if kind == "text":
                    continue
                result = subprocess.run(
                    ["bash", "-e", "-c", text], cwd=folder, env=environment,
                    stdin=subprocess.DEVNULL, capture_output=True, text=True,
                    timeout=_SECONDS,
                )
                self.assertEqual(
                    result.returncode, 0,
                    f"{text}\n{result.stdout}\n{result.stderr}",
                )
                following = scripts[index + 1 : index + 2]
                if following and following[0][0] == "text":
                    self.assertEqual(result.stdout, following[0][1], text)


if __name__ == "__main__":
    unittest.main()
