"""docs/feature-map.md names each row once, and nothing that does not exist."""

import re
import unittest

from tools.docs import tree

_ROWS = 134
_STATES = ("done", "later", "not applicable")
_PATH = re.compile(r"`([\w./-]+)`")
_LABEL = re.compile(r"`(//[\w/.-]*:[\w.-]+)`")

# Macros that make more targets than they name.
_SUFFIXES = {
    "guest_test": ("_linux", "_x86_64", "_aarch64"),
    "sim_test": (".sim_x86_64", ".sim_aarch64"),
    "tine_program": (".x86_64", ".aarch64"),
}


class FeatureMapTest(unittest.TestCase):
    """Against the work tree."""

    def setUp(self) -> None:
        self.root = tree.root()
        text = (self.root / "docs/feature-map.md").read_text(encoding="utf-8")
        self.rows = [
            [cell.strip() for cell in line.strip("|").split("|")]
            for line in text.splitlines()
            if re.match(r"\| *\d+ *\|", line)
        ]

    def test_each_row_once_and_in_order(self) -> None:
        self.assertEqual(
            [int(row[0]) for row in self.rows], list(range(1, _ROWS + 1))
        )

    def test_rows_are_complete(self) -> None:
        for row in self.rows:
            with self.subTest(row=row[0]):
                self.assertEqual(len(row), 5)
                _, mechanism, home, state, test = row
                self.assertTrue(mechanism and home and test)
                self.assertTrue(state.startswith(_STATES), state)
                if state != "done":
                    self.assertRegex(state, r"^[\w ]+: \S")
                if home.startswith("none"):
                    self.assertRegex(home, r"^none: \S")
                else:
                    self.assertRegex(home, _PATH)

    def test_homes_exist(self) -> None:
        for row in self.rows:
            for path in _PATH.findall(row[2]):
                with self.subTest(row=row[0], path=path):
                    self.assertTrue((self.root / path).exists())

    def test_tests_exist(self) -> None:
        for row in self.rows:
            labels = _LABEL.findall(row[4])
            with self.subTest(row=row[0]):
                self.assertTrue(labels or row[4] == "-", row[4])
                if not row[3].startswith("done"):
                    continue
            for label in labels:
                with self.subTest(row=row[0], label=label):
                    self.assertTrue(self._is_target(label), label)

    # Tests say themselves which rows they show.
    def test_rows_that_tests_claim_name_them(self) -> None:
        claims = re.compile(r"feature-map: ([\d, ]+)")
        for path in (self.root / "tests/guest").rglob("*_test.cc"):
            package = next(
                each for each in path.parents if (each / "BUILD").exists()
            ).relative_to(self.root)
            for claim in claims.findall(path.read_text(encoding="utf-8")):
                for number in map(int, claim.split(",")):
                    with self.subTest(row=number, test=path.stem):
                        self.assertIn(
                            f"`//{package}:{path.stem}`",
                            self.rows[number - 1][4],
                        )

    # Whether some rule or macro of the package's BUILD file makes it. Names in
    # loops stand in the file as quoted words.
    def _is_target(self, label: str) -> bool:
        package, name = label[2:].split(":")
        path = self.root / package / "BUILD"
        if not path.exists():
            return False
        text = path.read_text(encoding="utf-8")
        names = {name}
        for macro, suffixes in _SUFFIXES.items():
            if macro in text:
                names.update(
                    name.removesuffix(s) for s in suffixes if name.endswith(s)
                )
        names.add(name.removesuffix("_model_test"))
        return any(f'"{each}"' in text for each in names)


if __name__ == "__main__":
    unittest.main()
