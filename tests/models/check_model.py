"""Checks a Promela model with spin, and that its seeded bugs are caught.

A model that cannot fail shows nothing, so every model names mutations, one a
line: `mutation: NAME`. The model as it stands must have no error; with each
-DNAME it must have one.
"""

import pathlib
import re
import subprocess
import sys
import tempfile


def verify(model: pathlib.Path, defines: list[str]) -> tuple[int, int]:
    """Runs the verifier; returns (errors, states)."""
    with tempfile.TemporaryDirectory() as scratch:
        flags = [f"-D{name}" for name in defines]
        subprocess.run(["spin", *flags, "-a", str(model.resolve())],
                       cwd=scratch, check=True, stdout=subprocess.DEVNULL)
        subprocess.run(["gcc", "-O2", "-w", "-DSAFETY", "-DVECTORSZ=4096",
                        "-o", "pan", "pan.c"], cwd=scratch, check=True)
        run = subprocess.run(["./pan", "-m1000000"], cwd=scratch, check=True,
                             capture_output=True, text=True)
    errors = re.search(r"errors: (\d+)", run.stdout)
    states = re.search(r"(\d+) states, stored", run.stdout)
    if not errors or not states:
        sys.exit(f"{model}: spin's verifier said nothing:\n{run.stdout}{run.stderr}")
    if "max search depth too small" in run.stdout:
        sys.exit(f"{model}: the search was cut off")
    return int(errors[1]), int(states[1])


def main() -> int:
    model = pathlib.Path(sys.argv[1])
    mutations = re.findall(r"mutation: (\w+)", model.read_text(encoding="utf-8"))
    if not mutations:
        sys.exit(f"{model}: names no mutation, so nothing shows that it can fail")
    errors, states = verify(model, [])
    print(f"{model.name}: {states} states, {errors} errors")
    failed = errors != 0
    for mutation in mutations:
        errors, states = verify(model, [mutation])
        print(f"{model.name} -D{mutation}: {'caught' if errors else 'MISSED'}")
        failed |= errors == 0
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
