"""Exit statuses of the run driver, and the error that stops a run early."""

# What the driver itself can answer; every other status is the guest's.
STATUS_USAGE = 2
STATUS_TIMEOUT = 124
STATUS_SYSTEM_FAILED = 125
STATUS_SIGNAL_BASE = 128


class RunError(Exception):
    """The run cannot start: the text says why, `advice` what to do."""

    def __init__(self, text: str, advice: str = ""):
        super().__init__(text)
        self.advice = advice
