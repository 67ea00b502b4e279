#!/usr/bin/python3
"""A PostgreSQL server of a test's own: in a folder of its own, by an unprivileged user, gone after.

    with Postgres() as server:
        server.conninfo     # for libpq, by a Unix socket
        with Postgres(copy_of=server) as standby:
            standby.promote()

    postgres.py COMMAND [ARGUMENT...]

runs a command with $SEKISHO_TEST_POSTGRES set to the connection string of such a server.
"""

import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time

START_S = 30.0
USERS = ("postgres", "nobody")  # the first there is; initdb refuses root


class PostgresError(Exception):
    """The server cannot be made or started."""


def programs():
    """Returns the folder of the newest server installed."""
    folders = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"),
                     key=lambda folder: int(folder.parent.name))
    if not folders:
        raise PostgresError("PostgreSQL is not installed (package postgresql)")
    return folders[-1]


class Postgres:
    """One server; start() and stop() may be called again to have it fail and come back.

    As a copy of another it follows that one, which waits for it from then on (synchronous), until
    it is promoted.
    """

    def __init__(self, copy_of=None):
        self.primary = copy_of
        self.user = next(user for user in USERS if self._uid(user) is not None)
        self.directory = None
        self.process = None

    @staticmethod
    def _uid(user):
        try:
            return pwd.getpwnam(user).pw_uid
        except KeyError:
            return None

    @property
    def data(self):
        return self.directory / "data"

    @property
    def conninfo(self):
        return f"host={self.directory} dbname=postgres user={self.user}"

    def __enter__(self):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="sekisho-postgres-"))
        try:
            entry = pwd.getpwnam(self.user)
            os.chown(self.directory, entry.pw_uid, entry.pw_gid)
            os.chmod(self.directory, 0o755)
            self._make()
            self.start()
            if self.primary:
                self.primary.sql("ALTER SYSTEM SET synchronous_standby_names = '*'")
                self.primary.sql("SELECT pg_reload_conf()")
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_):
        self.close()

    def _command(self, program, *arguments):
        """As the unprivileged user; the server is ended (fast) if this process dies."""
        return ["setpriv", f"--reuid={self.user}", f"--regid={pwd.getpwnam(self.user).pw_gid}",
                "--clear-groups", "--pdeathsig=INT", str(programs() / program),
                *map(str, arguments)]

    def _make(self):
        how = (self._command("pg_basebackup", "-D", self.data, "--no-sync", "-R", "-c", "fast",
                             "-d", self.primary.conninfo) if self.primary else
               self._command("initdb", "-D", self.data, "--no-sync", "-A", "trust", "-E", "UTF8",
                             "--locale=C", "--data-checksums"))
        made = subprocess.run(how, capture_output=True, text=True, cwd="/")
        if made.returncode != 0:
            raise PostgresError(made.stderr)

    def start(self):
        log = open(self.directory / "log", "ab")
        self.process = subprocess.Popen(
            self._command("postgres", "-D", self.data, "-k", self.directory,
                          "-c", "listen_addresses=", "-c", "fsync=off",
                          "-c", "max_connections=20", "-c", "shared_buffers=32MB"),
            stdout=log, stderr=log, cwd="/", start_new_session=True)
        log.close()
        until = time.monotonic() + START_S
        while not self.is_ready():
            if self.process.poll() is not None or time.monotonic() > until:
                raise PostgresError((self.directory / "log").read_text()[-2000:])
            time.sleep(0.05)

    def is_ready(self):
        return subprocess.run([programs() / "pg_isready", "-q", "-h",
                               self.directory]).returncode == 0

    def stop(self, number=signal.SIGINT):
        """Ends the server: SIGINT closes every connection, SIGQUIT is as if power had failed."""
        if self.process is None:
            return
        self.process.send_signal(number)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    def processes(self):
        """Returns the process ids of the server, the first its postmaster's."""
        pid = self.process.pid
        with open(f"/proc/{pid}/task/{pid}/children") as file:
            return [pid, *map(int, file.read().split())]

    def hang(self, number=signal.SIGSTOP):
        """Stops every process of the server where it is; connections stay, nothing is answered."""
        for pid in self.processes():
            os.kill(pid, number)

    def go_on(self):
        self.hang(signal.SIGCONT)

    def promote(self):
        """A copy becomes the primary; returns when it takes changes."""
        self.sql("SELECT pg_promote()")

    def sql(self, text):
        """Runs statements; returns what psql prints, a row a line."""
        done = subprocess.run([programs() / "psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1",
                               self.conninfo, "-c", text], capture_output=True, text=True)
        if done.returncode != 0:
            raise PostgresError(done.stderr)
        return done.stdout.strip()

    def close(self):
        self.stop()
        if self.directory is not None:
            shutil.rmtree(self.directory, ignore_errors=True)
            self.directory = None


def main():
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _frame: sys.exit(128 + number))
    with Postgres() as server:
        os.environ["SEKISHO_TEST_POSTGRES"] = server.conninfo
        return subprocess.run(sys.argv[1:]).returncode


if __name__ == "__main__":
    sys.exit(main())
