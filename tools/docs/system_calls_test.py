"""The system call table is true to the servers, and the document to it."""

import re
import unittest

from tools.docs import syscall_table, system_calls, tree

_UPDATE = "run ./bazelw run //tools/docs:system_calls"

# Calls that the process server gets and passes on to the vfs server.
FORWARDED = {"Ppoll", "Pselect6", "EpollPwait", "EpollPwait2"}


class SystemCallsTest(unittest.TestCase):
    """Against the work tree."""

    def setUp(self) -> None:
        self.root = tree.root()
        self.calls = syscall_table.read_table(self.root)

    def test_document_is_up_to_date(self) -> None:
        text = (self.root / system_calls.DOCUMENT).read_text(encoding="utf-8")
        self.assertEqual(text, system_calls.render(self.root), _UPDATE)

    def test_every_call_is_listed_once(self) -> None:
        names = [call.name for call in self.calls]
        self.assertEqual(len(names), len(set(names)))
        self.assertGreater(len(names), 200)

    def test_every_call_has_a_number_somewhere(self) -> None:
        known = set()
        for arch in syscall_table.ARCHITECTURES:
            known.update(syscall_table.read_numbers(self.root, arch))
        self.assertEqual({call.name for call in self.calls} - known, set())

    def test_partial_calls_say_what_differs(self) -> None:
        silent = [
            call.name
            for call in self.calls
            if call.support == "Partial" and not call.note
        ]
        self.assertEqual(silent, [])

    # The process server's handlers are checked by the compiler.
    def test_the_servers_dispatch_what_is_supported(self) -> None:
        for server in ("memory", "vfs"):
            named = self._named_in(server)
            claimed = {
                call.name
                for call in self.calls
                if call.server == server and call.support != "Missing"
            }
            listed = {call.name for call in self.calls if call.server == server}
            self.assertEqual(claimed - named, set(), f"{server}: ENOSYS")
            self.assertEqual(
                named - listed - FORWARDED, set(), f"{server}: not listed"
            )

    def _named_in(self, server: str) -> set[str]:
        names = set()
        for path in (self.root / "servers" / server).glob("*.cc"):
            names.update(
                re.findall(r"\bcase Nr::k(\w+)", path.read_text("utf-8"))
            )
        return names


if __name__ == "__main__":
    unittest.main()
