"""Lets decisions that arrive together share one commit; knows no store."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from itertools import count
from typing import Final, Generic, TypeVar
from weakref import WeakKeyDictionary

from anyio import Event, move_on_after
from anyio.lowlevel import RunVar

from consent.errors import RecordsError

MAX_GROUP: Final = 1_000
"""Decisions that one commit takes."""

MAX_WAITING: Final = 10_000
"""Decisions that may wait for their commit; one more is refused at once, not kept waiting in vain."""

COMMIT_TIMEOUT: Final = 8.0
"""Seconds that a commit may take. Nobody's disconnecting cancels it sooner: others wait for it too."""

T = TypeVar("T")


class RejectedError(RecordsError):
    """One item of a group cannot be kept; the others could be without it."""


class _Group(Generic[T]):
    """Items that share a commit. Whoever comes first makes it, once the group before is through."""

    __slots__ = ("before", "called", "errors", "is_led", "is_through", "items")

    def __init__(self, before: "_Group[T] | None") -> None:
        self.before = before
        self.items: dict[int, T] = {}
        self.errors: dict[int, Exception] = {}
        self.is_led = True
        self.is_through = False
        self.called = Event()
        """Set when it is through, or when whoever led it has gone."""

    def end(self) -> None:
        self.is_through, self.before = True, None
        self.called.set()


class GroupCommit(Generic[T]):
    """Commits whatever has queued up while the commit before was under way.

    There is no window to wait for and no task in the background: a lone decision is committed at once.
    One of these belongs to one event loop.
    """

    def __init__(
        self,
        commit: Callable[[Sequence[T]], Awaitable[None]],
        *,
        max_group: int = MAX_GROUP,
        max_waiting: int = MAX_WAITING,
        timeout: float = COMMIT_TIMEOUT,
    ) -> None:
        self._commit = commit
        self._max_group = max_group
        self._max_waiting = max_waiting
        self._timeout = timeout
        self._waiting = 0
        self._tickets = count()
        self._open: _Group[T] | None = None
        self._last: _Group[T] | None = None

    async def submit(self, item: T) -> None:
        """Return when ``item`` is committed; raises `RecordsError` if it is not."""
        if self._waiting >= self._max_waiting:
            raise RecordsError(f"{self._waiting} decisions are waiting to be recorded; no more may.")
        group, ticket = self._open, next(self._tickets)
        leads = group is None or len(group.items) >= self._max_group
        if group is None or leads:
            group = self._open = self._last = _Group(self._last)
        self._waiting += 1
        try:
            group.items[ticket] = item
            await (self._lead(group) if leads else self._follow(group))
        except BaseException:
            self._leave(group, ticket)
            raise
        finally:
            self._waiting -= 1
        if group.errors and ticket in group.errors:
            raise RecordsError(str(group.errors[ticket])) from group.errors[ticket]

    def _leave(self, group: _Group[T], ticket: int) -> None:
        """Take back what nobody waits for any more, if its commit has not begun."""
        if group is self._open:
            del group.items[ticket]
            if not group.items:
                self._open = None
                group.end()

    async def _follow(self, group: _Group[T]) -> None:
        """Wait until ``group`` is through, or lead it if nobody does any more."""
        while not group.is_through:
            await group.called.wait()
            if not group.is_led:
                group.is_led, group.called = True, Event()
                await self._lead(group)

    async def _lead(self, group: _Group[T]) -> None:
        """Wait for the group before; then close this one, and commit it."""
        try:
            while group.before is not None and not group.before.is_through:
                await group.before.called.wait()
        except BaseException:
            group.is_led = False
            group.called.set()
            raise
        if self._open is group:
            self._open = None
        try:
            await self._attempt(group.items, group.errors)
        finally:
            group.end()

    async def _attempt(self, items: Mapping[int, T], errors: dict[int, Exception]) -> None:
        """One commit for all of ``items``; what goes wrong is noted for each."""
        error: Exception | None = RecordsError(f"There was no commit within {self._timeout:g} seconds.")
        with move_on_after(self._timeout, shield=True):
            try:
                await self._commit([*items.values()])
                error = None
            except Exception as problem:  # noqa: BLE001  # raised where each of them waits
                error = problem
        if isinstance(error, RejectedError) and len(items) > 1:
            for ticket, item in items.items():
                await self._attempt({ticket: item}, errors)
        elif error is not None:
            errors.update(dict.fromkeys(items, error))

    async def drain(self) -> None:
        """Return when nothing waits any more."""
        while self._last is not None and not self._last.is_through:
            await self._last.called.wait()


class GroupCommits(Generic[T]):
    """A `GroupCommit` for each event loop that a store is used in."""

    def __init__(self, commit: Callable[[Sequence[T]], Awaitable[None]]) -> None:
        self._commit = commit
        self._by_loop = WeakKeyDictionary[object, GroupCommit[T]]()
        self._here = RunVar[GroupCommit[T]]("consent-group-commit")

    def here(self) -> GroupCommit[T]:
        """The running loop's own."""
        try:
            loop = asyncio.get_running_loop()  # a tenth of the time that a `RunVar` takes
        except RuntimeError:
            writer = self._here.get(None)
            if writer is None:
                self._here.set(writer := GroupCommit(self._commit))
            return writer
        writer = self._by_loop.get(loop)
        if writer is None:
            writer = self._by_loop[loop] = GroupCommit(self._commit)
        return writer
