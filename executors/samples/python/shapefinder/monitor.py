"""monitor.txt: the progress that the platform reads."""

import time

from .files import write_atomically

RUNNING, DONE, ERROR = 2, 3, 4
_INTERVAL_S = 0.5


class Monitor:
    """Writes the progress of one job."""

    def __init__(self, path, task_id):
        self.path = path
        self.task_id = task_id
        self.progress = 0.0
        self._written_at = 0.0

    def running(self, progress):
        """Tell of progress (0..1), at most twice a second so that small images cost no more."""
        self.progress = progress
        if time.monotonic() - self._written_at >= _INTERVAL_S:
            self._write(RUNNING)
            self._written_at = time.monotonic()

    def done(self):
        self.progress = 1.0
        self._write(DONE)

    def failed(self, code, message, trace):
        """Tell of an error; the stack trace follows the first line."""
        one_line = " ".join(str(message).split())
        self._write(ERROR, [str(code), one_line], trace)

    def _write(self, state, more=(), text=""):
        fields = [self.task_id, str(int(time.time())), f"{self.progress:.4f}", str(state), *more]
        write_atomically(self.path, "\t".join(fields) + "\n" + text)
