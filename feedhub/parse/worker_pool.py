"""Processes of their own for work on hostile bytes: what stalls or bloats them costs one worker, not the round."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from typing import Any

from feedhub.errors import EnvironmentFailed
from feedhub.model import ParseFailed
from feedhub.parse.worker_frames import LENGTH, BadFrame, Result, job_head, read_result
from feedhub.parse.worker_process import Task
from feedhub.shortest_first import ShortestFirst

_START = 30.0
_BUFFER = 1 << 22
_LARGE = 1 << 20
#: bytes of a document that are handed over at once
_PIECE = 1 << 20
#: the parent's sys.path, so that a checkout works as an installation does
_COMMAND = (
    "import sys; task, memory, seconds, *sys.path = sys.argv[1:]; "
    "from feedhub.parse.worker_process import main; main(task, int(memory), int(seconds))"
)

_DIED = ParseFailed(reason="the parser process died over it, most likely for want of memory")
_CLOSED = ParseFailed(reason="not read: the program is stopping")
_Job = tuple[bytes, str | None, str]


class WorkerPool:
    """A few processes for one kind of work, started when first needed."""

    def __init__(self, task: Task, *, workers: int, deadline: float, memory: int) -> None:
        self._task = task
        self._slots = ShortestFirst(workers)
        self._deadline = deadline
        self._memory = memory
        self._idle: list[_Worker] = []
        self._busy: set[_Worker] = set()
        self._closed = False

    async def close(self) -> None:
        """End every worker at once: they hold nothing."""
        self._closed = True
        ending = [*self._idle, *self._busy]
        self._idle.clear()
        await asyncio.gather(*(worker.kill() for worker in ending))

    async def end_idle(self, seconds: float) -> None:
        """End the workers that nobody has asked for so long; the next document starts one anew."""
        before = asyncio.get_running_loop().time() - seconds
        ending = [worker for worker in self._idle if worker.used <= before]
        self._idle = [worker for worker in self._idle if worker not in ending]
        await asyncio.gather(*(worker.kill() for worker in ending))

    async def run(self, body: bytes, content_type: str | None, url: str) -> Any:
        """Return what the task makes of these bytes, or ParseFailed where it takes too long or too much."""
        async with self._slots.slot(len(body)):
            while True:
                if (result := await self._ask((body, content_type, url))) is not None:
                    return result

    async def _ask(self, job: _Job) -> Any:
        """Return what a worker makes of the job; None if it may have died before it, and another is worth asking."""
        worker = await self._worker()
        if self._closed:
            # it was starting while the others were ended
            await worker.kill()
            return _CLOSED
        self._busy.add(worker)
        try:
            async with asyncio.timeout(self._deadline):
                result, retire = await worker.ask(job)
        except TimeoutError:
            await self._lose(worker)
            return ParseFailed(reason=f"reading it takes longer than {self._deadline:g} s: given up")
        except (EOFError, ConnectionError, BadFrame):
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
        return await _Worker.start(self._task, self._memory, round(2 * self._deadline) + 1)

    async def _done(self, worker: _Worker, retire: bool) -> None:
        if retire or self._closed:
            await worker.kill()
        else:
            worker.used = asyncio.get_running_loop().time()
            self._idle.append(worker)

    async def _lose(self, worker: _Worker) -> None:
        self._busy.discard(worker)
        await worker.kill()


async def _process(arguments: list[str]) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", _COMMAND, *arguments),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        # Ctrl-C on the terminal is the parent's to handle
        start_new_session=True,
        limit=_BUFFER,
    )


class _Worker:
    """One parser process and its pipes."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.jobs = 0
        #: when its last job was done, by the event loop's clock
        self.used = 0.0

    @classmethod
    async def start(cls, task: Task, memory: int, seconds: int) -> _Worker:
        starting = asyncio.create_task(_process([task, str(memory), str(seconds), *sys.path]))
        try:
            worker = cls(await asyncio.shield(starting))
        except OSError as error:
            raise EnvironmentFailed(f"cannot start a parser process: {error.strerror}") from error
        except asyncio.CancelledError:
            # given up in its middle, a start leaves asyncio and its watcher quarrelling over who reaps the child
            await cls(await starting).kill()
            raise
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

    async def ask(self, job: _Job) -> tuple[Result, bool]:
        assert self._process.stdin is not None
        self.jobs += 1
        body, content_type, url = job
        head = job_head(content_type, url)
        self._process.stdin.write(LENGTH.pack(len(head) + len(body)) + head)
        await self._process.stdin.drain()
        # the pipe's buffer holds a copy of what the worker has not taken yet
        for start in range(0, len(body), _PIECE):
            self._process.stdin.write(body[start : start + _PIECE])
            await self._process.stdin.drain()
        answer = await self._receive()
        return await asyncio.to_thread(read_result, answer) if len(answer) > _LARGE else read_result(answer)

    async def kill(self) -> None:
        if self.is_alive:
            # not Process.kill: it looks first whether the child has ended, and so takes its end from asyncio's watcher
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._process.pid, getattr(signal, "SIGKILL", signal.SIGTERM))
        if self._process.stdin is not None:
            self._process.stdin.close()
        await self._process.wait()

    async def _receive(self) -> bytes:
        assert self._process.stdout is not None
        size = LENGTH.unpack(await self._process.stdout.readexactly(LENGTH.size))[0]
        return await self._process.stdout.readexactly(size)
