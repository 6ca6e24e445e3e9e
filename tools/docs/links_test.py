"""Links and file names in the documents lead somewhere."""

import re
import unittest

from tools.docs import tree

_LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
# A file or folder of the repository in code type.
_FILE = re.compile(
    r"`((?:arch|docs|kernel|platforms|servers|tests|third_party|tools|userland)"
    r"/[\w./-]*)`"
)


class LinksTest(unittest.TestCase):
    """Against the work tree."""

    def test_all(self) -> None:
        root = tree.root()
        documents = [root / "README.md", *sorted((root / "docs").glob("*.md"))]
        self.assertGreater(len(documents), 5)
        for document in documents:
            text = document.read_text(encoding="utf-8")
            for link in _LINK.findall(text):
                if re.match(r"\w+:", link):
                    continue
                with self.subTest(document=document.name, link=link):
                    self.assertTrue((document.parent / link).exists())
            for name in _FILE.findall(text):
                with self.subTest(document=document.name, file=name):
                    self.assertTrue((root / name).exists())


if __name__ == "__main__":
    unittest.main()
