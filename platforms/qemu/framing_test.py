"""Tests of the console protocol."""

import random
import unittest

from platforms.qemu import framing
from platforms.qemu.framing import (
    Data,
    Demultiplexer,
    ExitStatus,
    InputWanted,
    LogLine,
    Malformed,
)


def merged(events):
    """Events with neighbouring data joined, so that cuts do not show."""
    result = []
    for event in events:
        if isinstance(event, Data) and result and isinstance(result[-1], Data):
            result[-1] = Data(result[-1].data + event.data)
        else:
            result.append(event)
    return result


class DemultiplexerTest(unittest.TestCase):
    def test_data_log_and_status(self):
        line = b"\x10Lbooting\nhello\n\x10\x10\r\n\x10X7\n"
        self.assertEqual(
            Demultiplexer().feed(line),
            [LogLine(b"booting"), Data(b"hello\n\x10\r\n"), ExitStatus(7)],
        )

    def test_every_cut_gives_the_same_events(self):
        line = b"a\x10La\x10\x10b\nb\x10\x10\x10R\x10\x10c\x10X255\n\x10Lend\n"
        whole = Demultiplexer().feed(line)
        self.assertEqual(
            whole,
            [
                Data(b"a"),
                LogLine(b"a\x10b"),
                Data(b"b\x10"),
                InputWanted(),
                Data(b"\x10c"),
                ExitStatus(255),
                LogLine(b"end"),
            ],
        )
        for first in range(len(line) + 1):
            for second in range(first, len(line) + 1):
                demux = Demultiplexer()
                events = demux.feed(line[:first])
                events += demux.feed(line[first:second])
                events += demux.feed(line[second:])
                self.assertEqual(merged(events), whole, (first, second))

    def test_any_bytes_survive_escaping(self):
        generator = random.Random(1)
        data = bytes(generator.choice(b"\x10\x10LXRE\n\x00\xff7") for _ in range(5000))
        demux = Demultiplexer()
        events = []
        line = framing.escape(data)
        at = 0
        while at < len(line):
            step = generator.randint(1, 9)
            events += demux.feed(line[at : at + step])
            at += step
        self.assertEqual(merged(events), [Data(data)])

    def test_record_interrupted_by_a_record(self):
        events = Demultiplexer().feed(b"\x10Lhalf a li\x10Lpanic\n\x10X125\n")
        self.assertEqual(
            events, [LogLine(b"half a li"), LogLine(b"panic"), ExitStatus(125)]
        )

    def test_bad_records_are_reported(self):
        for record in (b"256", b"", b"-1", b"1 ", b"9999"):
            events = Demultiplexer().feed(b"\x10X" + record + b"\n")
            self.assertIsInstance(events[0], Malformed, record)
        events = Demultiplexer().feed(b"a\x10?b")
        self.assertEqual([type(e) for e in events], [Data, Malformed, Data])

    def test_cut_line(self):
        demux = Demultiplexer()
        self.assertEqual(demux.feed(b"\x10Lhalf"), [])
        self.assertEqual(demux.finish(), [LogLine(b"half")])
        demux = Demultiplexer()
        demux.feed(b"\x10X12")
        self.assertIsInstance(demux.finish()[0], Malformed)
        self.assertEqual(Demultiplexer().finish(), [])

    def test_endless_record_is_bounded(self):
        demux = Demultiplexer()
        events = demux.feed(b"\x10L" + b"x" * (3 * framing.MAX_RECORD_BYTES))
        total = sum(len(e.text) for e in events)
        self.assertGreaterEqual(total, 2 * framing.MAX_RECORD_BYTES)


class EscapeTest(unittest.TestCase):
    def test_only_dle_changes(self):
        self.assertEqual(framing.escape(bytes(range(256)).replace(b"\x10", b"")),
                         bytes(range(256)).replace(b"\x10", b""))
        self.assertEqual(framing.escape(b"a\x10E"), b"a\x10\x10E")
        self.assertEqual(framing.escape(b""), b"")


if __name__ == "__main__":
    unittest.main()
