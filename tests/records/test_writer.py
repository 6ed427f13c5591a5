"""The queue that lets decisions share a commit, by itself."""

from collections.abc import Awaitable, Callable, Sequence

import anyio
import anyio.abc
import anyio.lowlevel
import pytest

from consent.errors import RecordsError
from consent.records.writer import GroupCommit, GroupCommits, RejectedError
from tests.sites import run

Backend = pytest.mark.parametrize("backend", ["asyncio", "trio"])


class Disk:
    """Commits when it is told to, and notes what came together."""

    def __init__(self) -> None:
        self.groups: list[list[int]] = []
        self.gate = anyio.Event()
        self.error: Exception | None = None

    async def commit(self, group: Sequence[int]) -> None:
        self.groups.append(list(group))
        await self.gate.wait()
        if self.error is not None:
            raise self.error


async def settle() -> None:
    for _ in range(10):
        await anyio.lowlevel.checkpoint()


@Backend
def test_whoever_waits_shares_the_next_commit(backend: str) -> None:
    """A lone decision is committed at once; those that come meanwhile go together, in their order (R25)."""

    async def main() -> None:
        disk = Disk()
        writer = GroupCommit(disk.commit)
        async with anyio.create_task_group() as tasks:
            for item in range(6):
                tasks.start_soon(writer.submit, item)
                await settle()
            assert disk.groups == [[0]]
            disk.gate.set()
        assert disk.groups == [[0], [1, 2, 3, 4, 5]]

    run(main, backend=backend)


@Backend
def test_a_group_has_its_limit(backend: str) -> None:
    """No transaction grows without bounds."""

    async def main() -> None:
        disk = Disk()
        writer = GroupCommit(disk.commit, max_group=2)
        async with anyio.create_task_group() as tasks:
            for item in range(6):
                tasks.start_soon(writer.submit, item)
                await settle()
            disk.gate.set()
        assert disk.groups == [[0], [1, 2], [3, 4], [5]]

    run(main, backend=backend)


@Backend
def test_no_more_wait_than_may(backend: str) -> None:
    """Who finds the queue full is told at once; when it has room again, it takes more (R25)."""

    async def main() -> None:
        disk = Disk()
        writer = GroupCommit(disk.commit, max_waiting=3)
        async with anyio.create_task_group() as tasks:
            for item in range(3):
                tasks.start_soon(writer.submit, item)
                await settle()
            with pytest.raises(RecordsError, match="3 decisions are waiting"):
                await writer.submit(3)
            disk.gate.set()
        await writer.submit(4)
        assert disk.groups[-1] == [4]

    run(main, backend=backend)


@Backend
def test_all_who_share_a_commit_share_its_failure(backend: str) -> None:
    """Nobody is acknowledged whose commit failed, and the next is tried anew."""

    async def main() -> None:
        disk = Disk()
        writer = GroupCommit(disk.commit)
        disk.error = OSError("the disk is gone")
        failed: list[int] = []

        async def submit(item: int) -> None:
            with pytest.raises(RecordsError, match="the disk is gone"):
                await writer.submit(item)
            failed.append(item)

        async with anyio.create_task_group() as tasks:
            for item in range(3):
                tasks.start_soon(submit, item)
            await settle()
            disk.gate.set()
        assert sorted(failed) == [0, 1, 2]
        disk.error = None
        await writer.submit(3)

    run(main, backend=backend)


@Backend
def test_what_cannot_be_kept_fails_alone(backend: str) -> None:
    """The others of its group are committed without it."""

    async def main() -> None:
        kept: list[int] = []
        began = anyio.Event()

        async def commit(group: Sequence[int]) -> None:
            began.set()
            await settle()
            if 2 in group:
                raise RejectedError("2 cannot be kept")
            kept.extend(group)

        writer = GroupCommit(commit)

        async def submit_two() -> None:
            with pytest.raises(RecordsError, match="2 cannot be kept"):
                await writer.submit(2)

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(writer.submit, 0)
            await began.wait()
            for work in (lambda: writer.submit(1), submit_two, lambda: writer.submit(3)):
                tasks.start_soon(work)
        assert sorted(kept) == [0, 1, 3]

    run(main, backend=backend)


@Backend
def test_a_commit_that_hangs_is_given_up(backend: str) -> None:
    """Nobody waits for ever, not even who makes the commit."""

    async def main() -> None:
        disk = Disk()
        writer = GroupCommit(disk.commit, timeout=0.01)
        with pytest.raises(RecordsError, match=r"no commit within 0\.01 seconds"):
            await writer.submit(0)

    run(main, backend=backend)


@Backend
def test_who_stops_waiting_stops_no_commit(backend: str) -> None:
    """The one who makes a commit may leave: it is finished all the same, for the others."""

    async def main() -> None:
        disk = Disk()
        writer = GroupCommit(disk.commit)
        async with anyio.create_task_group() as tasks:
            leaver = await started(tasks, writer.submit, 0)
            for item in (1, 2):
                tasks.start_soon(writer.submit, item)
                await settle()
            follower = await started(tasks, writer.submit, 3)
            leaver.cancel()
            await settle()
            assert disk.groups == [[0]]
            gate, disk.gate = disk.gate, anyio.Event()
            gate.set()
            await settle()
            assert disk.groups == [[0], [1, 2, 3]]
            follower.cancel()
            await settle()
            disk.gate.set()
        assert disk.groups == [[0], [1, 2, 3]]

    run(main, backend=backend)


@Backend
def test_another_leads_when_the_first_has_left(backend: str) -> None:
    """Who leaves the queue before the commit is not recorded; those behind are."""

    async def main() -> None:
        disk = Disk()
        writer = GroupCommit(disk.commit)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(writer.submit, 0)
            await settle()
            leavers = [await started(tasks, writer.submit, item) for item in (1, 2)]
            for item in (3, 4):
                tasks.start_soon(writer.submit, item)
                await settle()
            for leaver in leavers:
                leaver.cancel()
                await settle()
            disk.gate.set()
        assert disk.groups == [[0], [3, 4]]
        await writer.drain()

    run(main, backend=backend)


@Backend
def test_when_all_have_left_nothing_is_committed(backend: str) -> None:
    """A queue that everybody left is no obstacle for who comes next."""

    async def main() -> None:
        disk = Disk()
        writer = GroupCommit(disk.commit)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(writer.submit, 0)
            await settle()
            leavers = [await started(tasks, writer.submit, item) for item in (1, 2)]
            for leaver in leavers:
                leaver.cancel()
            await settle()
            disk.gate.set()
        await writer.drain()
        await writer.submit(3)
        await writer.drain()
        assert disk.groups == [[0], [3]]

    run(main, backend=backend)


@Backend
def test_draining_waits_for_what_is_under_way(backend: str) -> None:
    """Afterwards nothing is left to lose; an idle queue is drained at once."""

    async def main() -> None:
        disk = Disk()
        writer = GroupCommit(disk.commit)
        await writer.drain()
        done: list[str] = []

        async def drain() -> None:
            await writer.drain()
            done.append("drained")

        async with anyio.create_task_group() as tasks:
            for item in range(3):
                tasks.start_soon(writer.submit, item)
                await settle()
            tasks.start_soon(drain)
            await settle()
            assert done == []
            disk.gate.set()
        assert done == ["drained"]
        assert disk.groups == [[0], [1, 2]]

    run(main, backend=backend)


def test_each_event_loop_has_a_queue_of_its_own() -> None:
    """A store may be used from several threads, and after a loop has ended."""
    seen: list[list[int]] = []

    async def commit(group: Sequence[int]) -> None:
        seen.append(list(group))

    writers = GroupCommits(commit)

    async def main() -> None:
        assert writers.here() is writers.here()
        await writers.here().submit(len(seen))

    for backend in ("asyncio", "trio", "asyncio"):
        run(main, backend=backend)
    assert seen == [[0], [1], [2]]


async def started(
    tasks: anyio.abc.TaskGroup, work: Callable[[int], Awaitable[None]], item: int
) -> anyio.CancelScope:
    """Start ``work`` and return what cancels it."""
    scope = anyio.CancelScope()

    async def cancellable() -> None:
        with scope:
            await work(item)

    tasks.start_soon(cancellable)
    await settle()
    return scope
