"""A parser process that is taken over reaches nothing, and its parent takes nothing but data from it."""

from __future__ import annotations

import asyncio
import pickle
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from feedhub.model import Feed, ParseFailed
from feedhub.parse import parse
from feedhub.parse.feed_dates import read_date
from feedhub.parse.parser_pool import ParserPool
from feedhub.parse.worker_frames import BadFrame, job_head, read_job, read_result, result_frame
from feedhub.parse.worker_seccomp import is_available

ROOT = Path(__file__).parent.parent
pytestmark = pytest.mark.usefixtures("fresh_parsers")

#: what somebody might try who runs code in a worker
ATTEMPTS = {
    "read a file": "open('/etc/hostname')",
    "read what it was started from": "open(sys.executable, 'rb')",
    "write a file": "open(folder + '/new', 'w').write('x')",
    "open a socket": "socket.socket()",
    "open a datagram socket": "socket.socket(socket.AF_INET, socket.SOCK_DGRAM)",
    "open a local socket": "socket.socket(socket.AF_UNIX)",
    "make a pipe": "os.pipe()",
    "make a file in memory": "os.memfd_create('x')",
    "list a folder": "os.listdir('/')",
    "run a program": "subprocess.run(['/bin/true'], check=True)",
    "take its limits back": "resource.setrlimit(resource.RLIMIT_NOFILE, (99, 99)); open('/etc/hostname')",
}
#: these are Landlock's to refuse
LANDLOCKED = {
    "signal another process": "os.kill(other, 0)",
    "trace another process": "trace()",
    "remove a file": "os.unlink(folder + '/precious')",
    "make a folder": "os.mkdir(folder + '/new')",
}
SCRIPT = """
import _thread, ctypes, mmap, os, resource, socket, subprocess, sys
folder, other = sys.argv[1], int(sys.argv[2])
libc = ctypes.CDLL(None, use_errno=True)
def trace():
    if libc.ptrace(16, other, None, None):
        raise OSError(ctypes.get_errno(), "ptrace")
refused = []
def try_out(name, what):
    try:
        exec(what)
    except (OSError, ValueError, RuntimeError):
        refused.append(name.replace(" ", "_"))
from feedhub.parse.worker_sandbox import enter
landlocked = "landlock" in enter(sys.argv[3].split(","))
try:
    {attempt}
except (OSError, ValueError) as error:
    print("refused", landlocked)
else:
    print(",".join(refused) or "done", landlocked)
"""


def attempt(what: str, folder: Path, means: str = "landlock,limits,seccomp") -> tuple[str, bool]:
    """Try something in the sandbox; how it went, and whether the kernel has Landlock."""
    (folder / "precious").write_text("x")
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        script = SCRIPT.format(attempt=textwrap.indent(what, "    ").strip())
        arguments = [sys.executable, "-c", script, str(folder), str(other.pid), means]
        try:
            done = subprocess.run(arguments, capture_output=True, text=True, timeout=60, check=False, cwd=ROOT)
        finally:
            other.kill()
    assert done.returncode == 0, done.stderr
    word, landlocked = done.stdout.split()
    return word, landlocked == "True"


@pytest.mark.parametrize("what", ATTEMPTS.values(), ids=ATTEMPTS)
def test_a_worker_gets_no_descriptor_and_no_process(what: str, tmp_path: Path) -> None:
    assert attempt(what, tmp_path)[0] == "refused"
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("what", LANDLOCKED.values(), ids=LANDLOCKED)
def test_a_worker_touches_no_other_process_and_no_folder(what: str, tmp_path: Path) -> None:
    word, landlocked = attempt(what, tmp_path)
    if not landlocked:
        pytest.skip("this kernel has no Landlock")
    assert word == "refused"


#: what limits leave open, some of it to root alone
CALLS = {
    "start a thread": "_thread.start_new_thread(print, ())",
    "start a process": "os.fork()",
    "signal itself": "os.kill(os.getpid(), 0)",
    "make memory executable": "mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)",
    "change another's limits": "resource.prlimit(other, resource.RLIMIT_CORE, (0, 0))",
    "look where it is": "os.getcwd()",
    "become another": "os.setuid(1)",
}


@pytest.mark.skipif(not is_available(), reason="system calls cannot be filtered here")
def test_a_worker_whose_system_calls_are_filtered_needs_no_other_means(tmp_path: Path) -> None:
    every = {**ATTEMPTS, **LANDLOCKED, **CALLS}
    tries = "\n".join(f"try_out({name!r}, {what!r})" for name, what in every.items())
    assert attempt(tries, tmp_path, "seccomp")[0] == ",".join(name.replace(" ", "_") for name in every)
    assert not (tmp_path / "new").exists()


class Bomb:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return exec, ("raise SystemExit('code of a worker ran here')",)


FRAMES = {
    "a pickle": pickle.dumps(Bomb()),
    "a pickle behind a tag": b"f." + pickle.dumps(Bomb()),
    "nothing": b"",
    "no kind that there is": b"z.{}",
    "no JSON": b"f.{",
    "no UTF-8": b"f.\xff",
    "another type": b'f.{"entries": 7}',
    "too little": b"x.{}",
}


@pytest.mark.parametrize("frame", FRAMES.values(), ids=FRAMES)
def test_only_data_of_the_model_is_taken_from_a_worker(frame: bytes) -> None:
    with pytest.raises(BadFrame):
        read_result(frame)


def test_what_is_sent_arrives() -> None:
    assert read_job(job_head(None, "http://a/ü") + b"\n\x00{") == (b"\n\x00{", None, "http://a/ü")
    failed = ParseFailed(reason="ü \u2028 \x00")
    assert read_result(result_frame(failed, retire=True)) == (failed, True)


CHARSETS = """
    utf-8 iso-8859-1 iso-8859-2 iso-8859-5 iso-8859-7 iso-8859-8 iso-8859-9 iso-8859-15 windows-1250 windows-1251
    windows-1252 windows-1253 windows-1255 windows-1256 windows-874 koi8-r koi8-u ibm866 macintosh gbk gb18030 gb2312
    big5 euc-jp shift_jis iso-2022-jp euc-kr hz-gb-2312 utf-16le utf-16be x-unknown-charset
""".split()
DOCUMENT = (
    "<!DOCTYPE rss><rss version='2.0'><channel><title>{}</title><item><guid>1</guid><title>Größe</title>"
    "<pubDate>Tue, 10 Mar 2026 16:00:00 EST</pubDate></item></channel></rss>"
)


def test_a_worker_reads_every_charset_as_its_parent_would() -> None:
    documents = [(DOCUMENT.encode("latin-1"), f"text/xml; charset={name}") for name in CHARSETS]
    documents += [(DOCUMENT.encode("utf-8"), f"text/xml; charset={name}") for name in CHARSETS]

    async def run() -> list[Feed | ParseFailed]:
        async with ParserPool(workers=1) as pool:
            return [await pool.parse(body, content_type=kind, url="http://a.test/") for body, kind in documents]

    assert asyncio.run(run()) == [parse(body, content_type=kind, url="http://a.test/") for body, kind in documents]


DATES = """
10 März 2026 16:00 Uhr|2026-03-10 16:00 Europe/Berlin|2026-03-10 16:00 Asia/Kathmandu|Tue, 10 Mar 2026 4:00 p. m.
2026年3月10日 下午4:00|2026-03-10 16:00 No/Where|2004-07-13 오후 2:15|10 มี.ค. 2569 16:00 น.
"""


def test_a_worker_reads_every_date_as_its_parent_would() -> None:
    dates = DATES.strip().replace("\n", "|").split("|")
    assert read_date(dates[1]) is not None
    documents = [DOCUMENT.replace("Tue, 10 Mar 2026 16:00:00 EST", date).encode() for date in dates]

    async def run() -> list[Feed | ParseFailed]:
        async with ParserPool(workers=1) as pool:
            return [await pool.parse(body, url="http://a.test/") for body in documents]

    assert asyncio.run(run()) == [parse(body, url="http://a.test/") for body in documents]


def test_a_worker_does_not_mind_that_a_folder_of_its_path_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))

    async def run() -> list[Feed | ParseFailed]:
        async with ParserPool(workers=1) as pool:
            read = []
            for number in range(2):
                read.append(await pool.parse(DOCUMENT.encode(), url="http://a.test/"))
                (tmp_path / f"new{number}").write_text("")
            return read

    first, second = asyncio.run(run())
    assert first == second
    assert isinstance(first, Feed)


def test_a_worker_reads_the_fixtures_as_its_parent_would() -> None:
    bodies = [path.read_bytes() for path in sorted((ROOT / "fixtures").rglob("*.xml"))[:40]]
    assert bodies
    # too large for the parent, so that a worker reads them
    bodies = [body + b" " * 600_000 for body in bodies]

    async def run() -> list[Feed | ParseFailed]:
        async with ParserPool(workers=1) as pool:
            return [await pool.parse(body, url="http://a.test/") for body in bodies]

    assert asyncio.run(run()) == [parse(body, url="http://a.test/") for body in bodies]
