"""Lets decisions that arrive together share one commit; knows no store."""

from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Generic, TypeVar

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


class GroupCommit(Generic[T]):
    """Commits whatever has queued up while the commit before was under way.

    There is no window to wait for and no task in the background: whoever finds no commit under way makes
    one for all who wait, then hands on to the next. So a lone decision is committed at once. One of these
    belongs to one event loop.
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
        self._waiting = deque[_Ticket[T]]()
        self._busy = False
        self._idle = Event()

    async def submit(self, item: T) -> None:
        """Return when ``item`` is committed; raises `RecordsError` if it is not."""
        if len(self._waiting) >= self._max_waiting:
            raise RecordsError(f"{len(self._waiting)} decisions are waiting to be recorded; no more may.")
        ticket = _Ticket(item)
        self._waiting.append(ticket)
        if self._busy:
            await self._turn(ticket)
        else:
            self._busy = True
        if not ticket.done:
            await self._lead()
        if ticket.error is not None:
            raise RecordsError(str(ticket.error)) from ticket.error

    async def _turn(self, ticket: "_Ticket[T]") -> None:
        """Wait until ``ticket`` is committed, or is the first of those who wait."""
        try:
            await ticket.called.wait()
        except BaseException:
            if ticket in self._waiting:
                self._waiting.remove(ticket)
                if ticket.called.is_set():
                    self._hand_on()
            raise

    async def _lead(self) -> None:
        group = [self._waiting.popleft() for _ in range(min(len(self._waiting), self._max_group))]
        try:
            await self._attempt(group)
        finally:
            for ticket in group:
                ticket.done = True
                ticket.called.set()
            self._hand_on()

    async def _attempt(self, group: "Sequence[_Ticket[T]]") -> None:
        """One commit for all of ``group``; each learns of what went wrong."""
        error: Exception | None = RecordsError(f"There was no commit within {self._timeout:g} seconds.")
        with move_on_after(self._timeout, shield=True):
            try:
                await self._commit([ticket.item for ticket in group])
                error = None
            except Exception as problem:  # noqa: BLE001  # raised where each of them waits
                error = problem
        if isinstance(error, RejectedError) and len(group) > 1:
            for ticket in group:
                await self._attempt([ticket])
            return
        for ticket in group:
            ticket.error = error

    def _hand_on(self) -> None:
        if self._waiting:
            self._waiting[0].called.set()
        else:
            self._busy = False
            self._idle.set()

    async def drain(self) -> None:
        """Return when nothing waits any more."""
        while self._busy:
            self._idle = Event()
            await self._idle.wait()


class GroupCommits(Generic[T]):
    """A `GroupCommit` for each event loop that a store is used in."""

    def __init__(self, commit: Callable[[Sequence[T]], Awaitable[None]]) -> None:
        self._commit = commit
        self._here = RunVar[GroupCommit[T]]("consent-group-commit")

    def here(self) -> GroupCommit[T]:
        """The running loop's own."""
        writer = self._here.get(None)
        if writer is None:
            writer = GroupCommit(self._commit)
            self._here.set(writer)
        return writer


class _Ticket(Generic[T]):
    """One item that waits: for its commit, or for its turn to make one."""

    __slots__ = ("called", "done", "error", "item")

    def __init__(self, item: T) -> None:
        self.item = item
        self.called = Event()
        self.done = False
        self.error: Exception | None = None
