#!/usr/bin/python3
r"""A gateway's PostgreSQL is locked, slow, hung, full, gone and corrupt while terminals call.

         t1 ------- to-t1 +--------+ to-gwa ------- gwa  abc.com
     user-a@abc.com       | router |                      \ PostgreSQL, its tables on a small tmpfs
         t3 ------- to-t3 +--------+
     user-b@abc.com
"""

import itertools
import os
import pathlib
import pwd
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
from postgres import Postgres, programs
from sekisho_flow import Scenario
from store_faults import LATER, StoreFaults, fill
from topology import SINGLE_GATEWAY, run as command

TMPFS_KB = 4096
ROOM_KB = 64    # left for some changes before the disk is full
DELAY_S = 1.3   # what a slow server takes for each change
LOCKED = "meta, change, subscriber, identity, location"


class Lock:
    """Another client that has the tables for itself, for as long as it is in its transaction."""

    def __init__(self, server):
        self.client = subprocess.Popen(
            [programs() / "psql", "-X", "-q", "-A", "-t", server.conninfo], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True, bufsize=1)

    def __enter__(self):
        self.client.stdin.write(f"BEGIN; LOCK TABLE {LOCKED} IN ACCESS EXCLUSIVE MODE;"
                                " SELECT 'have it';\n")
        self.client.stdin.flush()
        if self.client.stdout.readline().strip() != "have it":
            raise RuntimeError("the tables cannot be locked")

    def __exit__(self, *_):
        self.client.communicate("ROLLBACK;\n", timeout=20)


class PostgresFaults(StoreFaults):
    def __init__(self, run, server, disk):
        self.server = server
        self.disk = disk
        super().__init__(run, {"postgres": server.conninfo})
        place = disk / "tables"
        place.mkdir()
        owner = pwd.getpwnam(server.user)
        os.chown(place, owner.pw_uid, owner.pw_gid)
        server.sql(f"CREATE TABLESPACE small LOCATION '{place}'")
        server.sql("ALTER TABLE ALL IN TABLESPACE pg_default SET TABLESPACE small")
        server.sql("ALTER INDEX ALL IN TABLESPACE pg_default SET TABLESPACE small")

    def known(self):
        return set(self.server.sql("SELECT id FROM subscriber").splitlines())

    def locked(self):
        mark = self.mark()
        with Lock(self.server):
            self.run.check("locked: nothing is acknowledged", not self.add(LATER))
            self.is_told("locked", "is locked by another program", mark)
            self.goes_on("locked")
        self.run.check("locked: what was not acknowledged is not there", LATER not in self.known())
        self.is_good_again("locked", mark)

    def slow(self):
        mark = self.mark()
        self.server.sql("CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS"
                        f" 'BEGIN PERFORM pg_sleep({DELAY_S}); RETURN NEW; END'")
        self.server.sql("CREATE TRIGGER dawdle BEFORE UPDATE ON meta FOR EACH ROW"
                        " EXECUTE FUNCTION dawdle()")
        numbers = itertools.count()
        self.run.check("slow: a change is acknowledged all the same", self.add("slow@abc.com"))
        self.becomes("slow: the log has a sentence for the operator",
                     lambda: "the store is slow: a request has kept it for" in self.log_since(mark))
        self.becomes("slow: show store says so after a change", lambda:
                     self.add(f"slow-{next(numbers)}@abc.com") and self.state() == "slow")
        self.goes_on("slow")
        self.server.sql("DROP TRIGGER dawdle ON meta")
        self.becomes("slow: the log says that it is over",
                     lambda: "the store answers in time again" in self.log_since(mark))
        lost = self.acknowledged - self.known()
        self.run.check("slow: what was acknowledged is there", not lost, lost)

    def hung(self):
        """Every process of the server stands still: connections are there, answers are not."""
        mark = self.mark()
        self.server.hang()
        self.becomes("hung: show store says that it is slow", lambda: self.state() == "slow")
        self.goes_on("hung")
        self.is_told("hung", "does not answer", mark)
        self.server.go_on()
        self.is_good_again("hung", mark)

    def full(self):
        mark = self.mark()
        filler = fill(self.disk, ROOM_KB)
        found_room = self.fills()
        self.is_told("full", "is full", mark)
        self.goes_on("full")
        self.run.check(f"full: {found_room} changes had still found room", found_room)
        filler.unlink()
        self.is_good_again("full", mark)

    def gone_then_corrupt_then_restored(self):
        """Its power fails; when it is back a table is damaged; when it is back again it is not."""
        mark = self.mark()
        place = self.server.data / self.server.sql("SELECT pg_relation_filepath('meta')")
        self.server.sql("CHECKPOINT")
        self.server.stop()
        self.run.check("gone: nothing is acknowledged", not self.add(LATER))
        self.is_told("gone", "cannot be reached", mark)
        self.run.equal("gone: show store says so", self.state(), "failed")
        self.goes_on("gone")
        good = place.read_bytes()
        place.write_bytes(b"\xa5" * len(good))
        self.server.start()
        self.is_told("corrupt", "is corrupt", mark)
        self.run.check("corrupt: nothing is acknowledged", not self.add(LATER))
        self.goes_on("corrupt")
        self.server.stop()
        place.write_bytes(good)
        self.server.start()
        self.is_good_again("gone and corrupt", mark)

    def ends_while_it_hangs(self):
        """The control plane is stopped while its data base hangs; the next one finds all."""
        self.server.hang()
        self.becomes("hung: the keeper waits for it", lambda: self.state() == "slow")
        begun = time.monotonic()
        status = self.gateway.controlplane.stop()
        self.run.check(f"hung: a control plane that is stopped ends ({status}) after "
                       f"{time.monotonic() - begun:.1f} s", status == 0)
        self.server.go_on()
        self.gateway.start_controlplane()
        lost = self.acknowledged - self.known()
        self.run.check("hung: and the next one finds all that was acknowledged",
                       self.state() == "good" and not lost, lost)


def main():
    run = Scenario(SINGLE_GATEWAY, families=(6,))
    disk = pathlib.Path(tempfile.mkdtemp(prefix="sekisho-disk-"))
    command(["mount", "-t", "tmpfs", "-o", f"size={TMPFS_KB}k,mode=755", "sekisho-test", disk])
    try:
        with Postgres() as server, run:
            faults = PostgresFaults(run, server, disk)
            faults.locked()
            faults.slow()
            faults.full()
            faults.hung()
            faults.gone_then_corrupt_then_restored()
            faults.ends_while_it_hangs()
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=False)
        disk.rmdir()
    return run.status


if __name__ == "__main__":
    sys.exit(main())
