"""Moves bytes between the user, the guest's console and the journal."""

import os
import select
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass

from platforms.qemu import framing
from platforms.qemu.journal import Journal
from platforms.qemu.terminal import KEY_HELP, KeyFilter, Window
from platforms.qemu.verdict import Ending

# QEMU's time to end by itself after the exit record.
GRACE_SECONDS = 5.0
# After a run that was cut short our stdout takes the rest within this time.
FLUSH_SECONDS = 5.0
# Input is held until the guest has spoken, as a serial port that is not set up
# loses it, or until a program asks. A guest silent this long gets it anyway.
QUIET_SECONDS = 5.0
QUIET_SECONDS_ON_REQUEST = 20.0

# Above these the faster side has to wait, so memory stays bounded.
_MAX_OUTPUT = 256 * 1024
_MAX_INPUT = 16 * 1024
_READ_BYTES = 64 * 1024
# QEMU writes byte by byte. A pause between reads gathers them, so that the
# pump does not take the processor from the guest.
_GATHER_SECONDS = 0.001
# A pipe that polls writable takes so much without blocking.
_WRITE_BYTES = 4096

_GONE = select.POLLERR | select.POLLHUP | select.POLLNVAL


@dataclass(frozen=True)
class Ends:
    """Our side of the line. `stdin` is None if nothing is to be passed on."""

    stdin: int | None
    stdout: int
    # Set if a user types on a terminal.
    keys: KeyFilter | None = None
    window: Window | None = None
    # Sends no input before a program waits for some, so that input does not
    # disturb a guest whose instructions are counted.
    input_on_request: bool = False


class Pump:
    """Runs one QEMU process to its end."""

    def __init__(
        self,
        qemu: subprocess.Popen[bytes],
        ends: Ends,
        journal: Journal,
        timeout: float | None = None,
        say: Callable[[str], None] = lambda text: None,
    ):
        assert qemu.stdin and qemu.stdout and qemu.stderr
        self._qemu = qemu
        self._line_in = qemu.stdin.fileno()
        self._line_out = qemu.stdout.fileno()
        self._errors = qemu.stderr.fileno()
        os.set_blocking(self._line_in, False)
        self._ends = ends
        self._journal = journal
        self._say = say
        self._demux = framing.Demultiplexer()
        self._ending = Ending()
        self._output = bytearray()  # for our stdout
        self._input = bytearray()  # for the guest, already escaped
        self._input_ended = False
        self._input_ready = False
        self._line_open = True
        self._errors_open = True
        now = time.monotonic()
        self._deadline = None if timeout is None else now + timeout
        self._spoke_at = now
        self._quiet_seconds = (
            QUIET_SECONDS_ON_REQUEST if ends.input_on_request else QUIET_SECONDS
        )
        if ends.stdin is None:
            self._end_input()

    def run(self) -> Ending:
        """Until QEMU is gone. It is gone even if this raises."""
        try:
            while self._line_open and not self._must_stop():
                self._turn()
            if self._ending.reported or not self._line_open:
                self._await_qemu()
        finally:
            if self._qemu.poll() is None:
                self._qemu.kill()
                self._qemu.wait()
        self._drain()
        return self._ending

    def _must_stop(self) -> bool:
        if self._ending.quit or self._ending.reader_gone:
            return True
        if self._deadline is None or time.monotonic() < self._deadline:
            return False
        if not self._ending.reported:
            self._ending.timed_out = True
        return True

    def _turn(self) -> None:
        """Waits for one round of readiness and serves it."""
        poll = select.poll()
        if len(self._output) < _MAX_OUTPUT:
            poll.register(self._line_out, select.POLLIN)
        if self._errors_open:
            poll.register(self._errors, select.POLLIN)
        if self._output:
            poll.register(self._ends.stdout, select.POLLOUT)
        if self._wants_input():
            poll.register(self._ends.stdin, select.POLLIN)
        if self._ends.window is not None and self._input_ready:
            poll.register(self._ends.window, select.POLLIN)
        if self._input and self._input_ready:
            poll.register(self._line_in, select.POLLOUT)
        ready = dict(poll.poll(self._patience()))

        # Output first: nothing that the guest wrote waits for new input.
        if self._line_out in ready:
            self._read_line()
        if self._errors in ready:
            self._read_errors()
        if self._ends.stdout in ready and self._output:
            self._write_output(ready[self._ends.stdout])
        if self._ends.stdin in ready and self._wants_input():
            self._read_input()
        if self._ends.window and self._ends.window.fileno() in ready:
            self._input += self._ends.window.take_record()
        if self._line_in in ready:
            self._write_line()
        if time.monotonic() - self._spoke_at >= self._quiet_seconds:
            self._input_ready = True

    def _patience(self) -> float | None:
        """Milliseconds that poll may wait."""
        times = [] if self._deadline is None else [self._deadline]
        if not self._input_ready:
            times.append(self._spoke_at + self._quiet_seconds)
        if not times:
            return None
        return max(0.0, min(times) - time.monotonic()) * 1000 + 1

    def _wants_input(self) -> bool:
        """A user's keys are always read, as Ctrl-A x must always work."""
        if self._input_ended:
            return False
        if self._ends.keys is not None:
            return True
        return self._input_ready and len(self._input) < _MAX_INPUT

    def _read_line(self) -> None:
        if time.monotonic() - self._spoke_at < 2 * _GATHER_SECONDS:
            time.sleep(_GATHER_SECONDS)
        chunk = os.read(self._line_out, _READ_BYTES)
        self._spoke_at = time.monotonic()
        if chunk and not self._ends.input_on_request:
            self._input_ready = True
        events = self._demux.feed(chunk) if chunk else self._demux.finish()
        for event in events:
            self._take(event)
        if not chunk:
            self._line_open = False

    def _take(self, event: framing.Event) -> None:
        if isinstance(event, framing.Data):
            self._output += event.data
        elif isinstance(event, framing.LogLine):
            self._journal.line(event.text)
        elif isinstance(event, framing.ExitStatus):
            self._ending.reported.append(event.status)
            self._deadline = time.monotonic() + GRACE_SECONDS
            self._input_ended = True
            self._input.clear()
        elif isinstance(event, framing.InputWanted):
            self._input_ready = True
        else:
            self._journal.line(b"console: " + event.text.encode())
            self._ending.malformed = self._ending.malformed or event.text

    def _read_errors(self) -> None:
        chunk = os.read(self._errors, _READ_BYTES)
        self._journal.qemu(chunk)
        self._errors_open = bool(chunk)

    def _write_output(self, readiness: int) -> None:
        if readiness & _GONE and not readiness & select.POLLOUT:
            self._ending.reader_gone = True
            return
        try:
            count = os.write(self._ends.stdout, self._output[:_WRITE_BYTES])
        except BlockingIOError:
            return
        except BrokenPipeError:
            self._ending.reader_gone = True
            return
        del self._output[:count]

    def _read_input(self) -> None:
        assert self._ends.stdin is not None
        try:
            chunk = os.read(self._ends.stdin, _WRITE_BYTES)
        except BlockingIOError:
            return
        except OSError:
            chunk = b""  # a terminal that hung up, or a closed descriptor
        if not chunk:
            self._end_input()
        elif self._ends.keys is None:
            self._input += framing.escape(chunk)
        else:
            self._type(self._ends.keys, chunk)

    def _type(self, keys: KeyFilter, chunk: bytes) -> None:
        """What a user typed; keys that the guest does not take are lost."""
        line = keys.feed(chunk)
        if len(self._input) < _MAX_INPUT:
            self._input += line
        self._ending.quit = keys.quit
        if keys.take_help():
            self._say(KEY_HELP)

    def _end_input(self) -> None:
        self._input_ended = True
        self._input += framing.END_OF_FILE

    def _write_line(self) -> None:
        try:
            count = os.write(self._line_in, self._input)
        except BlockingIOError:
            return
        except BrokenPipeError:
            self._input_ended = True
            count = len(self._input)
        del self._input[:count]

    def _await_qemu(self) -> None:
        try:
            self._ending.qemu_status = self._qemu.wait(GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            pass

    def _drain(self) -> None:
        """Takes what was written before the end, and hands it over."""
        os.set_blocking(self._line_out, False)
        os.set_blocking(self._errors, False)
        limit = time.monotonic() + FLUSH_SECONDS
        try:
            while self._line_open and time.monotonic() < limit:
                self._read_line()
        except BlockingIOError:
            pass
        try:
            while self._errors_open and time.monotonic() < limit:
                self._read_errors()
        except BlockingIOError:
            pass
        self._flush(None if self._ending.reported else limit)

    def _flush(self, limit: float | None) -> None:
        poll = select.poll()
        poll.register(self._ends.stdout, select.POLLOUT)
        while self._output and not self._ending.reader_gone:
            left = None if limit is None else limit - time.monotonic()
            ready = poll.poll(None if left is None else max(0.0, left) * 1000)
            if not ready:
                break
            self._write_output(ready[0][1])
