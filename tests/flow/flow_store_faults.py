#!/usr/bin/python3
r"""The data base of a gateway is locked, full and corrupt while terminals call each other.

         t1 ------- to-t1 +--------+ to-gwa ------- gwa  abc.com
     user-a@abc.com       | router |                      \ SQLite on a small tmpfs
         t3 ------- to-t3 +--------+
     user-b@abc.com
"""

import pathlib
import sqlite3
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
from sekisho_flow import Scenario
from topology import SINGLE_GATEWAY, run as command, wait_until

USER_A, USER_B, LATER = "user-a@abc.com", "user-b@abc.com", "user-c@abc.com"
TMPFS_KB = 1024
ROOM_KB = 192  # left for some changes before the disk is full
NOTICE_S = 30.0


class Faults:
    def __init__(self, run, disk):
        self.run = run
        self.disk = disk
        self.file = self.disk / "store.sqlite"
        self.gateway = run.gateway("gwa", "abc.com", store={"sqlite": self.file})
        self.gateway.start()
        self.gateway.add_subscriber(USER_A, "correct horse a")
        self.gateway.add_subscriber(USER_B, "correct horse b")
        self.gateway.ctl("policy", "add", 10, "allow", "@abc.com", "@abc.com", "any")
        self.one = run.terminal("t1", self.gateway, USER_A, "correct horse a")
        self.two = run.terminal("t3", self.gateway, USER_B, "correct horse b")
        for terminal in (self.one, self.two):
            terminal.start(*(["--auto-answer"] if terminal is self.two else []))
            run.check(f"{terminal.aor} is registered", terminal.wait_for("registered"))

    def add(self, aor):
        """Returns whether a subscriber was acknowledged to the operator."""
        return self.gateway.ctl("subscriber", "add", aor, "--password-stdin", check=False,
                                secret="correct horse").returncode == 0

    def known(self):
        """Returns the subscribers that stand in the data base, as another program reads it."""
        with sqlite3.connect(self.file) as base:
            return {row[0] for row in base.execute("SELECT id FROM subscriber")}

    def state(self):
        return self.gateway.show("store")["state"]

    def goes_on(self, fault):
        """A call is set up and ended, a terminal refreshes, another attaches anew."""
        self.run.check(f"{fault}: a call is answered", self.one.is_done("call", USER_B))
        self.run.check(f"{fault}: and ended", self.one.is_done("hangup"))
        self.run.check(f"{fault}: a registration is refreshed", self.one.is_done("register"))
        self.one.stop()
        self.one.start()
        self.run.check(f"{fault}: a terminal attaches anew", self.one.wait_for("registered"))

    def is_told(self, fault, words):
        wait_until(lambda: self.state() == "failed", NOTICE_S, f"{fault}: show store says so")
        self.run.check(f"{fault}: the log has a sentence for the operator",
                       words in self.gateway.controlplane.output(),
                       self.gateway.controlplane.output().splitlines()[-5:])
        self.run.check(f"{fault}: show store has it too",
                       words in self.gateway.show("store")["last_failure"])

    def is_good_again(self, fault):
        wait_until(lambda: self.state() == "good", NOTICE_S, f"{fault}: it is good again")
        self.run.check(f"{fault}: a subscriber is added when it is over", self.add(f"{LATER}"))
        self.run.check(f"{fault}: who was acknowledged is there", LATER in self.known())
        self.gateway.ctl("subscriber", "delete", LATER)

    def locked(self):
        with sqlite3.connect(self.file, isolation_level=None) as other:
            other.execute("BEGIN EXCLUSIVE")
            self.run.check("locked: nothing is acknowledged", not self.add(LATER))
            self.goes_on("locked")
            self.is_told("locked", "is locked by another program")
            other.execute("ROLLBACK")
        other.close()
        self.run.check("locked: what was not acknowledged is not there", LATER not in self.known())
        self.is_good_again("locked")

    def full(self):
        filler = self.disk / "filler"
        with open(filler, "wb", buffering=0) as file:
            try:
                while True:
                    file.write(b"\0" * 4096)
            except OSError:
                pass
            file.truncate(file.tell() - ROOM_KB * 1024)
        acknowledged = set()
        for number in range(400):
            aor = f"filler-{number}@abc.com"
            if not self.add(aor):
                break
            acknowledged.add(aor)
        else:
            self.run.check("full: the disk becomes full", False)
        self.is_told("full", "full")
        self.goes_on("full")
        self.run.check("full: some changes had still found room", acknowledged)
        filler.unlink()
        wait_until(lambda: self.state() == "good", NOTICE_S, "full: it is good again")
        self.run.check(f"full: of {len(acknowledged)} acknowledged none is lost",
                       acknowledged <= self.known(), acknowledged - self.known())
        self.is_good_again("full")

    def corrupt(self):
        """The file is overwritten under the gateway; a good copy takes its place at a restart."""
        copy = self.run.directory / "copy.sqlite"
        with sqlite3.connect(self.file) as base, sqlite3.connect(copy) as backup:
            base.backup(backup)
        with open(self.file, "r+b") as file:
            file.write(b"\xa5" * self.file.stat().st_size)
        for name in ("store.sqlite-wal", "store.sqlite-shm"):
            path = self.disk / name
            if path.exists():
                path.write_bytes(b"\xa5" * path.stat().st_size)
        self.run.check("corrupt: nothing is acknowledged", not self.add(LATER))
        wait_until(lambda: self.state() == "failed", NOTICE_S, "corrupt: show store says so")
        self.goes_on("corrupt")
        self.gateway.kill_controlplane()
        for path in self.disk.glob("store.sqlite*"):
            path.unlink()
        self.file.write_bytes(copy.read_bytes())
        self.gateway.start_controlplane()
        self.run.check("corrupt: with the backup in its place it goes on", self.state() == "good")
        self.is_good_again("corrupt")


def main():
    run = Scenario(SINGLE_GATEWAY, families=(6,))
    disk = pathlib.Path(tempfile.mkdtemp(prefix="sekisho-disk-"))
    command(["mount", "-t", "tmpfs", "-o", f"size={TMPFS_KB}k", "sekisho-test", disk])
    try:
        with run:
            faults = Faults(run, disk)
            faults.locked()
            faults.full()
            faults.corrupt()
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=False)
        disk.rmdir()
    return run.status


if __name__ == "__main__":
    sys.exit(main())
