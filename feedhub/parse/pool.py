"""Parsing in processes of their own: a document that stalls or bloats the parser costs one worker, not the round."""

from __future__ import annotations

import asyncio
import contextlib
import pickle
import sys
from types import TracebackType

from ..errors import EnvironmentFailed
from ..model import Feed, Fetched, FetchFailed, ParseFailed
from . import combine, is_json, parse, parse_fast
from .worker import LENGTH

#: json is linear: so many bytes take a few milliseconds at worst, less than the way to a worker and back
_JSON_HERE = 65_536
#: and so is libxml2, whose tree costs a microsecond or two an element: 266 KB take 2.5 ms, the worst of this size 60
_XML_HERE = 524_288
_TAGS_HERE = 20_000
_START = 30.0
_BUFFER = 1 << 22
_LARGE = 1 << 20
#: the parent's sys.path, so that a checkout works as an installation does
_COMMAND = (
    "import sys; memory, seconds, *sys.path = sys.argv[1:]; "
    "from feedhub.parse.worker import main; main(int(memory), int(seconds))"
)

_DIED = ParseFailed(reason="the parser process died over it, most likely for want of memory")
_CLOSED = ParseFailed(reason="not read: the program is stopping")
_Job = tuple[bytes, str | None, str]


class ParserPool:
    """Runs `parse` in a few worker processes, started when first needed; open it with `async with`."""

    def __init__(self, *, workers: int = 2, deadline: float = 10.0, memory: int = 768_000_000) -> None:
        self._slots = asyncio.Semaphore(workers)
        self._deadline = deadline
        self._memory = memory
        self._idle: list[_Worker] = []
        self._busy: set[_Worker] = set()
        self._closed = False

    async def __aenter__(self) -> ParserPool:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """End every worker at once: they hold nothing."""
        self._closed = True
        ending = [*self._idle, *self._busy]
        self._idle.clear()
        await asyncio.gather(*(worker.kill() for worker in ending))

    async def parse_fetched(self, fetched: Fetched) -> Feed | ParseFailed:
        """A fetched document as a Feed; the files of a folder as one."""
        if not fetched.parts:
            return await self.parse(fetched.body, content_type=fetched.content_type, url=fetched.url)
        read = [(part.url, await self.parse_fetched(part)) for part in fetched.parts if isinstance(part, Fetched)]
        failed = [("", ParseFailed(reason=part.reason)) for part in fetched.parts if isinstance(part, FetchFailed)]
        return combine([*read, *failed])

    async def parse(self, body: bytes, *, content_type: str | None = None, url: str = "") -> Feed | ParseFailed:
        """As the stage's `parse`, within the deadline and the memory limit."""
        if len(body) <= _JSON_HERE and is_json(body, content_type):
            return parse(body, content_type=content_type, url=url)
        small = len(body) <= _XML_HERE and body.count(b"<") <= _TAGS_HERE
        if small and (feed := parse_fast(body, content_type=content_type, url=url)):
            return feed
        async with self._slots:
            while True:
                if (result := await self._ask((body, content_type, url))) is not None:
                    return result

    async def _ask(self, job: _Job) -> Feed | ParseFailed | None:
        """What a worker makes of the job; None if it may have died before it, and another is worth asking."""
        worker = await self._worker()
        self._busy.add(worker)
        try:
            async with asyncio.timeout(self._deadline):
                result, retire = await worker.ask(job)
        except TimeoutError:
            await self._lose(worker)
            return ParseFailed(reason=f"reading it takes longer than {self._deadline:g} s: given up")
        except (EOFError, ConnectionError, pickle.UnpicklingError):
            await self._lose(worker)
            return _CLOSED if self._closed else _DIED if worker.jobs == 1 else None
        except BaseException:
            # a cancelled job leaves an answer in the pipe that nobody would claim
            await self._lose(worker)
            raise
        self._busy.discard(worker)
        await self._done(worker, retire)
        return result

    async def _worker(self) -> _Worker:
        while self._idle:
            worker = self._idle.pop()
            if worker.is_alive:
                return worker
            await worker.kill()
        return await _Worker.start(self._memory, round(2 * self._deadline) + 1)

    async def _done(self, worker: _Worker, retire: bool) -> None:
        if retire or self._closed:
            await worker.kill()
        else:
            self._idle.append(worker)

    async def _lose(self, worker: _Worker) -> None:
        self._busy.discard(worker)
        await worker.kill()


class _Worker:
    """One parser process and its pipes."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.jobs = 0

    @classmethod
    async def start(cls, memory: int, seconds: int) -> _Worker:
        arguments = [sys.executable, "-c", _COMMAND, str(memory), str(seconds), *sys.path]
        try:
            process = await asyncio.create_subprocess_exec(
                *arguments,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                # Ctrl-C on the terminal is the parent's to handle
                start_new_session=True,
                limit=_BUFFER,
            )
        except OSError as error:
            raise EnvironmentFailed(f"cannot start a parser process: {error.strerror}") from error
        worker = cls(process)
        try:
            async with asyncio.timeout(_START):
                await worker._receive()
        except (EOFError, ConnectionError, TimeoutError) as error:
            await worker.kill()
            raise EnvironmentFailed("the parser process does not start: is feedhub installed completely?") from error
        except BaseException:
            await worker.kill()
            raise
        return worker

    @property
    def is_alive(self) -> bool:
        return self._process.returncode is None

    async def ask(self, job: _Job) -> tuple[Feed | ParseFailed, bool]:
        assert self._process.stdin is not None
        self.jobs += 1
        frame = pickle.dumps(job, pickle.HIGHEST_PROTOCOL)
        self._process.stdin.write(LENGTH.pack(len(frame)))
        self._process.stdin.write(frame)
        await self._process.stdin.drain()
        answer = await self._receive()
        found: tuple[Feed | ParseFailed, bool] = (
            await asyncio.to_thread(pickle.loads, answer) if len(answer) > _LARGE else pickle.loads(answer)
        )
        return found

    async def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        if self._process.stdin is not None:
            self._process.stdin.close()
        await self._process.wait()

    async def _receive(self) -> bytes:
        assert self._process.stdout is not None
        size = LENGTH.unpack(await self._process.stdout.readexactly(LENGTH.size))[0]
        return await self._process.stdout.readexactly(size)
