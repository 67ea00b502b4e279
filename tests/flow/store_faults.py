"""What must hold whatever ails the data base of a gateway with two terminals; no test of its own.

         t1 ------- to-t1 +--------+ to-gwa ------- gwa  abc.com
     user-a@abc.com       | router |
         t3 ------- to-t3 +--------+
     user-b@abc.com
"""

from topology import comes_true

USER_A, USER_B, LATER = "user-a@abc.com", "user-b@abc.com", "user-c@abc.com"
NOTICE_S = 30.0   # a fault is seen, and that it is over; mostly within 4
ADDITIONS_MAX = 400


class StoreFaults:
    """A gateway on a store of a kind; known() of a kind reads it as another program does."""

    def __init__(self, run, store):
        self.run = run
        self.gateway = run.gateway("gwa", "abc.com", store=store)
        self.gateway.start()
        self.gateway.add_subscriber(USER_A, "correct horse a")
        self.gateway.add_subscriber(USER_B, "correct horse b")
        self.gateway.ctl("policy", "add", 10, "allow", "@abc.com", "@abc.com", "any")
        self.acknowledged = {USER_A, USER_B}
        self.one = run.terminal("t1", self.gateway, USER_A, "correct horse a")
        self.two = run.terminal("t3", self.gateway, USER_B, "correct horse b")
        for terminal in (self.one, self.two):
            terminal.start(*(["--auto-answer"] if terminal is self.two else []))
            run.check(f"{terminal.aor} is registered", terminal.wait_for("registered"))

    def known(self):
        """Returns the subscribers that stand in the data base."""
        raise NotImplementedError

    def add(self, aor):
        """Returns whether a subscriber was acknowledged to the operator."""
        is_acknowledged = self.gateway.ctl("subscriber", "add", aor, "--password-stdin",
                                           check=False, secret="correct horse").returncode == 0
        if is_acknowledged:
            self.acknowledged.add(aor)
        return is_acknowledged

    def delete(self, aor):
        self.gateway.ctl("subscriber", "delete", aor)
        self.acknowledged.discard(aor)

    def state(self):
        return self.gateway.show("store")["state"]

    def log_since(self, mark=0):
        return self.gateway.controlplane.output()[mark:]

    def mark(self):
        """Returns a place in the log: what is said from now on comes after it."""
        return len(self.gateway.controlplane.output())

    def goes_on(self, fault):
        """A call is set up and ended, a terminal refreshes, another attaches anew."""
        self.run.check(f"{fault}: a call is answered", self.one.is_done("call", USER_B))
        self.run.check(f"{fault}: and ended", self.one.is_done("hangup"))
        self.run.check(f"{fault}: a registration is refreshed", self.one.is_done("register"))
        self.one.stop()
        self.one.start()
        self.run.check(f"{fault}: a terminal attaches anew", self.one.wait_for("registered"))

    def becomes(self, sentence, is_so):
        """A check that is_so() is true before long."""
        if not self.run.check(sentence, comes_true(is_so, NOTICE_S)):
            print(self.gateway.show("store"), *self.log_since().splitlines()[-8:], sep="\n")

    def is_told(self, fault, words, mark=0):
        self.becomes(f"{fault}: the log has a sentence for the operator",
                     lambda: words in self.log_since(mark))
        self.becomes(f"{fault}: show store has it too",
                     lambda: words in self.gateway.show("store")["last_failure"])

    def is_good_again(self, fault, mark=0):
        self.becomes(f"{fault}: it is good again", lambda: self.state() == "good")
        self.becomes(f"{fault}: the log says so",
                     lambda: "the store is in order again" in self.log_since(mark))
        self.run.check(f"{fault}: a subscriber is added when it is over", self.add(LATER))
        lost = self.acknowledged - self.known()
        self.run.check(f"{fault}: of {len(self.acknowledged)} acknowledged none is lost",
                       not lost, lost)
        self.delete(LATER)

    def fills(self):
        """Adds subscribers until one is refused; returns how many were acknowledged."""
        for number in range(ADDITIONS_MAX):
            if not self.add(f"filler-{number}@abc.com"):
                return number
        self.run.check("full: the disk becomes full", False)
        return ADDITIONS_MAX


def fill(disk, room_kb):
    """Makes a file that leaves so much of a small file system; returns its path."""
    filler = disk / "filler"
    with open(filler, "wb", buffering=0) as file:
        try:
            while True:
                file.write(b"\0" * 4096)
        except OSError:
            pass
        file.truncate(max(0, file.tell() - room_kb * 1024))
    return filler
