"""The console protocol: one serial line carries data, log lines and the status.

guest -> host:
  DLE DLE              the data byte 0x10
  DLE 'L' text '\\n'    a log line
  DLE 'X' digits '\\n'  the exit status of the run
  DLE 'R'              a program waits for input and none is queued (optional)
  anything else        data: exactly what the program wrote
host -> guest:
  DLE DLE              the data byte 0x10
  DLE 'E'              end of file on standard input
  DLE 'W' rows ';' columns '\\n'  the size of the user's terminal
  anything else        data
"""

import re
from typing import NamedTuple, Union

DLE = 0x10
END_OF_FILE = b"\x10E"

# A record without end is cut here, so that a guest gone wild costs no memory.
MAX_RECORD_BYTES = 16384

_STATUS = re.compile(rb"[0-9]{1,3}")


class Data(NamedTuple):
    """Bytes that the guest's program wrote."""

    data: bytes


class LogLine(NamedTuple):
    """A line of the kernel or of a server, without its newline."""

    text: bytes


class ExitStatus(NamedTuple):
    """The guest's word on how the run ended."""

    status: int


class InputWanted(NamedTuple):
    """A reader of the console waits."""


class Malformed(NamedTuple):
    """Something that the protocol does not know."""

    text: str


Event = Union[Data, LogLine, ExitStatus, InputWanted, Malformed]


def escape(data: bytes) -> bytes:
    """Data as it goes over the line to the guest (or, in tests, from it)."""
    return data.replace(b"\x10", b"\x10\x10")


def window_size(rows: int, columns: int) -> bytes:
    """The record that tells the guest of the terminal's size."""
    return b"\x10W%d;%d\n" % (rows, columns)


class Demultiplexer:
    """Splits what the guest sends into events, however the reads cut it.

    A DLE that is neither doubled nor starts a record ends a record that is
    open: when a panic interrupts a log line, both lines are seen.
    """

    def __init__(self) -> None:
        self._after_dle = False
        self._kind = 0  # 'L' or 'X' while a record is open, 0 in data
        self._record = bytearray()

    def feed(self, chunk: bytes) -> list[Event]:
        """The events that the next bytes of the line complete."""
        events: list[Event] = []
        at = 0
        while at < len(chunk):
            if self._after_dle:
                self._after_dle = False
                self._control(chunk[at], events)
                at += 1
                continue
            stop = self._next_mark(chunk, at)
            self._literal(chunk[at:stop], events)
            at = stop
            if at < len(chunk):
                if chunk[at] == DLE:
                    self._after_dle = True
                else:
                    self._end_record(events)
                at += 1
        return _join_data(events)

    def finish(self) -> list[Event]:
        """The events left when the line is cut: an open log line is kept."""
        events: list[Event] = []
        if self._kind == ord("X"):
            text = bytes(self._record)
            events.append(Malformed(f"exit record cut: {text!r}"))
        elif self._kind:
            self._end_record(events)
        self._record.clear()
        self._kind, self._after_dle = 0, False
        return events

    def _next_mark(self, chunk: bytes, at: int) -> int:
        dle = chunk.find(b"\x10", at)
        stop = len(chunk) if dle < 0 else dle
        if self._kind:
            newline = chunk.find(b"\n", at, stop)
            stop = stop if newline < 0 else newline
        return stop

    def _literal(self, piece: bytes, events: list[Event]) -> None:
        if not piece:
            return
        if not self._kind:
            events.append(Data(piece))
            return
        self._record += piece
        while len(self._record) > MAX_RECORD_BYTES:
            head = bytes(self._record[:MAX_RECORD_BYTES])
            del self._record[:MAX_RECORD_BYTES]
            events.append(LogLine(head))

    def _control(self, byte: int, events: list[Event]) -> None:
        if byte == DLE:
            self._literal(b"\x10", events)
            return
        if self._kind:
            events += self.finish()
        if byte in b"LX":
            self._kind = byte
        elif byte == ord("R"):
            events.append(InputWanted())
        else:
            events.append(Malformed(f"unknown control byte 0x{byte:02x}"))

    def _end_record(self, events: list[Event]) -> None:
        text, kind = bytes(self._record), self._kind
        self._record.clear()
        self._kind = 0
        if kind == ord("L"):
            events.append(LogLine(text))
        elif _STATUS.fullmatch(text) and int(text) <= 255:
            events.append(ExitStatus(int(text)))
        else:
            events.append(Malformed(f"exit status {text!r} is not 0 to 255"))


def _join_data(events: list[Event]) -> list[Event]:
    """The same events with neighbouring pieces of data made one."""
    joined: list[Event] = []
    run: list[bytes] = []
    for event in events:
        if isinstance(event, Data):
            run.append(event.data)
            continue
        if run:
            joined.append(Data(b"".join(run)))
            run = []
        joined.append(event)
    if run:
        joined.append(Data(b"".join(run)))
    return joined
