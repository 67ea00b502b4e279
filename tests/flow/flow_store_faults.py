#!/usr/bin/python3
r"""The file of a gateway's data base is locked, slow, full, gone and corrupt while terminals call.

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
import threading

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
from sekisho_flow import Scenario
from store_faults import LATER, StoreFaults, fill
from topology import SINGLE_GATEWAY, run as command

TMPFS_KB = 1024
ROOM_KB = 192  # left for some changes before the disk is full
SLOW_S, FREE_S = 1.3, 0.5  # another program has it so long, and then for so long has not


class Hog:
    """Another program that writes without end, and lets others in between only."""

    def __init__(self, file):
        self.file = file
        self.is_over = threading.Event()
        self.has_it = threading.Event()
        self.thread = threading.Thread(target=self._hold)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.is_over.set()
        self.thread.join()

    def _hold(self):
        base = sqlite3.connect(self.file, isolation_level=None, timeout=60)
        while not self.is_over.is_set():
            base.execute("BEGIN IMMEDIATE")
            self.has_it.set()
            self.is_over.wait(SLOW_S)
            self.has_it.clear()
            base.execute("ROLLBACK")
            self.is_over.wait(FREE_S)
        base.close()


class SqliteFaults(StoreFaults):
    def __init__(self, run, disk):
        self.disk = disk
        self.file = disk / "store.sqlite"
        super().__init__(run, {"sqlite": self.file})

    def known(self):
        base = sqlite3.connect(self.file)
        try:
            return {row[0] for row in base.execute("SELECT id FROM subscriber")}
        finally:
            base.close()

    def locked(self):
        mark = self.mark()
        other = sqlite3.connect(self.file, isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        self.run.check("locked: nothing is acknowledged", not self.add(LATER))
        self.goes_on("locked")
        self.is_told("locked", "is locked by another program", mark)
        other.execute("ROLLBACK")
        other.close()
        self.run.check("locked: what was not acknowledged is not there", LATER not in self.known())
        self.is_good_again("locked", mark)

    def slow(self):
        """Each change waits for the other program's turn to end; a few may wait in vain."""
        mark = self.mark()
        with Hog(self.file) as hog:
            for number in range(4):
                hog.has_it.wait()
                self.add(f"slow-{number}@abc.com")
            self.becomes("slow: the log has a sentence for the operator",
                         lambda: "the store is slow: a request has kept it for"
                         in self.log_since(mark))
            self.goes_on("slow")
        patient = {aor for aor in self.acknowledged if aor.startswith("slow-")}
        self.run.check(f"slow: {len(patient)} of 4 were acknowledged", patient)
        self.run.equal("slow: as many stand in the data base",
                       {aor for aor in self.known() if aor.startswith("slow-")}, patient)
        self.run.check("slow: show store has how long it took",
                       self.gateway.show("store")["longest_ms"] >= 1000)
        self.becomes("slow: the log says that it is over",
                     lambda: "the store answers in time again" in self.log_since(mark))
        self.becomes("slow: it is good again", lambda: self.state() == "good")

    def full(self):
        mark = self.mark()
        filler = fill(self.disk, ROOM_KB)
        found_room = self.fills()
        self.is_told("full", "full", mark)
        self.goes_on("full")
        self.run.check(f"full: {found_room} changes had still found room", found_room)
        filler.unlink()
        self.is_good_again("full", mark)

    def deleted(self):
        """With all that is beside it; the gateway writes it anew, as a restart shows."""
        mark = self.mark()
        for path in self.disk.glob("store.sqlite*"):
            path.unlink()
        self.is_told("deleted", "is gone: the file was deleted", mark)
        self.goes_on("deleted")
        self.is_good_again("deleted", mark)
        self.gateway.kill_controlplane()
        self.gateway.start_controlplane()
        lost = self.acknowledged - self.known()
        self.run.check("deleted: a start afterwards finds all of it", self.state() == "good"
                       and not lost, lost)

    def moved(self):
        mark = self.mark()
        elsewhere = self.disk / "elsewhere"
        self.file.rename(elsewhere)
        self.is_told("moved", "is gone: the file was moved away", mark)
        self.run.check("moved: nothing is acknowledged", not self.add(LATER))
        self.goes_on("moved")
        self.run.check("moved: nothing else stands in its place", not self.file.exists())
        elsewhere.rename(self.file)
        self.is_good_again("moved", mark)

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
        self.becomes("corrupt: show store says so", lambda: self.state() == "failed")
        self.goes_on("corrupt")
        self.gateway.kill_controlplane()
        for path in self.disk.glob("store.sqlite*"):
            path.unlink()
        self.file.write_bytes(copy.read_bytes())
        self.gateway.start_controlplane()
        lost = self.acknowledged - self.known()
        self.run.check("corrupt: with the backup in its place it goes on, and nothing is lost",
                       self.state() == "good" and not lost, lost)
        self.goes_on("afterwards")


def main():
    run = Scenario(SINGLE_GATEWAY, families=(6,))
    disk = pathlib.Path(tempfile.mkdtemp(prefix="sekisho-disk-"))
    command(["mount", "-t", "tmpfs", "-o", f"size={TMPFS_KB}k", "sekisho-test", disk])
    try:
        with run:
            faults = SqliteFaults(run, disk)
            faults.locked()
            faults.slow()
            faults.full()
            faults.moved()
            faults.deleted()
            faults.corrupt()
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=False)
        disk.rmdir()
    return run.status


if __name__ == "__main__":
    sys.exit(main())
