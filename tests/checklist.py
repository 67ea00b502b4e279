"""What our Python tests report with: a sentence for every check, and 'N passed, N failed'."""

import sys
import time


class Checklist:
    def __init__(self, out=sys.stdout):
        self.passed = 0
        self.failures = []
        self._out = out

    def check(self, sentence, is_true, detail=""):
        """Counts one check and prints it; detail (text or a list) is shown when it failed."""
        if is_true:
            self.passed += 1
            self._say(f"ok      {sentence}")
            return True
        self.failures.append(sentence)
        self._say(f"FAILED  {sentence}")
        lines = detail if isinstance(detail, (list, tuple)) else str(detail).splitlines()
        for line in lines:
            self._say(f"        {line}")
        return False

    def equal(self, sentence, found, expected):
        return self.check(sentence, found == expected, [f"expected {expected!r}",
                                                        f"found    {found!r}"])

    def becomes(self, sentence, read, expected, seconds=10.0):
        """Reads until it finds what is expected: for what is under way when it is first read."""
        until = time.monotonic() + seconds
        found = read()
        while found != expected and time.monotonic() < until:
            time.sleep(0.05)
            found = read()
        return self.equal(sentence, found, expected)

    def close(self):
        """Prints the closing line; returns the exit status. No check at all is a failure."""
        if not self.passed and not self.failures:
            self.failures.append("no check was made")
        for sentence in self.failures:
            self._say(f"failed: {sentence}")
        self._say(f"{self.passed} passed, {len(self.failures)} failed")
        return 1 if self.failures else 0

    def _say(self, line):
        print(line, file=self._out, flush=True)
