"""Checks a chain from its first entry to its last: finds what was changed, lost or moved; changes nothing."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from consent.records.chain import ERASE, PURGE, Entry, Link, digest
from consent.records.record import RecordsArchive

_REMOVALS: Final = tuple(f'{{"action":"{action}"' for action in (ERASE, PURGE))


class Fault(StrEnum):
    """What can be wrong with a chain."""

    CHANGED = "changed"
    MISSING = "missing"
    DUPLICATED = "duplicated"
    REORDERED = "reordered"
    UNACCOUNTED = "unaccounted"
    RESTORED = "restored"
    TRUNCATED = "truncated"
    REWRITTEN = "rewritten"
    NOTICE = "notice"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """The first thing that is wrong: ``position`` in the chain, ``id`` if it is known, one sentence."""

    fault: Fault
    position: int
    id: str | None
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What `verify` found: the chain up to ``head`` holds, and after it comes ``problem`` if there is one."""

    head: Link
    decisions: int
    removed: int
    problem: Problem | None


async def verify(
    archive: RecordsArchive,
    checkpoints: Iterable[Link] = (),
    progress: Callable[[int], None] | None = None,
) -> Verification:
    """Read the whole chain in pages and recompute every hash; memory stays constant.

    ``checkpoints`` are ends of the chain that were noted earlier, outside of the store: without one nobody
    can tell a chain from its beginning, or from one that was written anew. ``progress`` is told the number
    of entries read after each page.
    """
    until = await archive.head()
    notices, problem = await _notices(archive)
    walk = _Walk(notices, [*checkpoints, until], until.position)
    if problem is None:
        async for page in archive.entries():
            problem = walk.feed(page)
            if progress is not None:
                progress(walk.head.position)
            if problem is not None:
                break
    if problem is None:
        problem = walk.finish(forgotten=(await archive.head()).position < walk.head.position)
    if walk.stranger is not None:
        problem = await _diagnose(archive, walk.head, walk.stranger)
    return Verification(head=walk.head, decisions=walk.decisions, removed=walk.removed, problem=problem)


async def _notices(archive: RecordsArchive) -> tuple[frozenset[str], Problem | None]:
    """The notices there are, each of which is what its id says."""
    known = set[str]()
    async for identifier, text in archive.notices():
        known.add(identifier)
        if not identifier.endswith(f"-{digest(text)[:32]}"):
            sentence = f"The text of notice {identifier} is not the one that was shown."
            return frozenset(known), Problem(fault=Fault.NOTICE, position=0, id=identifier, sentence=sentence)
    return frozenset(known), None


class _Walk:
    """Goes from entry to entry; what it remembers does not grow with their number.

    Entries after ``until`` were written meanwhile.
    """

    def __init__(self, notices: frozenset[str], checkpoints: Iterable[Link], until: int) -> None:
        self._notices = notices
        self._until = until
        ends = (link for link in checkpoints if link.position > 0)
        self._checkpoints = sorted(ends, key=lambda link: -link.position)
        self._untold: list[range] = []
        self.head = Link()
        self.decisions = 0
        self.removed = 0
        self.stranger: Entry | None = None
        """An entry that does not follow the one before it."""

    def feed(self, entries: Sequence[Entry]) -> Problem | None:
        """Walk over ``entries``, and stop at the first problem."""
        for entry in entries:
            problem = self._problem(entry)
            if problem is not None:
                return problem
            self.head = Link(position=entry.position, hash=entry.hash)
            while self._checkpoints and self._checkpoints[-1].position <= self.head.position:
                if self._checkpoints.pop() != self.head:
                    return _problem(Fault.REWRITTEN, entry, "is not the one that the checkpoint names")
        return None

    def _problem(self, entry: Entry) -> Problem | None:
        if entry.body is not None and digest(entry.body) != entry.payload:
            return _problem(Fault.CHANGED, entry, "was changed")
        if not entry.follows(self.head):
            return self._misplaced(entry)
        if entry.body is None:
            self.removed += 1
            self._note(entry.position)
            return None
        if not _is_named(entry):
            return _problem(Fault.CHANGED, entry, "was changed")
        return self._told(entry) if entry.notice is None else self._decided(entry)

    def _decided(self, entry: Entry) -> Problem | None:
        self.decisions += 1
        # A refusal counts also from a page so old that its text is not known any more.
        if (
            entry.notice in self._notices
            or '"granted":[]' in (entry.body or "")
            or entry.position > self._until
        ):
            return None
        return _problem(Fault.NOTICE, entry, f"is of notice {entry.notice}, whose text is not kept")

    def _misplaced(self, entry: Entry) -> Problem:
        """Not the next entry; which kind of fault that is takes another look at the others."""
        position = self.head.position + 1
        if entry.previous == self.head.hash and entry.position == position:
            return _problem(Fault.CHANGED, entry, "was changed")
        self.stranger = entry
        return Problem(fault=Fault.MISSING, position=position, id=None, sentence="")

    # --- what was removed: each position is told of by a later entry -----------------------------

    def _note(self, position: int) -> None:
        if self._untold and self._untold[-1].stop == position:
            self._untold[-1] = range(self._untold[-1].start, position + 1)
        else:
            self._untold.append(range(position, position + 1))

    def _told(self, entry: Entry) -> Problem | None:
        for told in entry.removals:
            before = sum(map(len, self._untold))
            self._untold = [rest for run in self._untold for rest in _without(run, told)]
            if before - sum(map(len, self._untold)) < len(told) and entry.position <= self._until:
                what = f"says that {told.start} to {told.stop - 1} were removed, of which something is there"
                return _problem(Fault.RESTORED, entry, what)
        return None

    def finish(self, *, forgotten: bool) -> Problem | None:
        """What only shows at the end."""
        if self._untold:
            position = self._untold[0].start
            sentence = f"The record at position {position} was removed, and no entry says why."
            return Problem(fault=Fault.UNACCOUNTED, position=position, id=None, sentence=sentence)
        position = self.head.position
        if self._checkpoints:
            sentence = f"The chain ends at {position}; it had {self._checkpoints[0].position} entries once."
            return Problem(fault=Fault.TRUNCATED, position=position + 1, id=None, sentence=sentence)
        if forgotten:
            sentence = f"The store does not know of the last of the {position} entries that are there."
            return Problem(fault=Fault.REWRITTEN, position=position, id=None, sentence=sentence)
        return None


def _without(run: range, told: range) -> list[range]:
    """What is left of ``run``."""
    if told.stop <= run.start or run.stop <= told.start:
        return [run]
    return [rest for rest in (range(run.start, told.start), range(told.stop, run.stop)) if rest]


def _is_named(entry: Entry) -> bool:
    """Whether the columns by which records are found say what the body says."""
    body = entry.body or ""
    is_removal = body.startswith(_REMOVALS)
    named = is_removal if entry.notice is None else not is_removal and f'"notice":"{entry.notice}"' in body
    return named and f'"id":"{entry.id}"' in body


async def _diagnose(archive: RecordsArchive, head: Link, stranger: Entry) -> Problem:
    """Read once more for what the chain should go on with, and for where ``stranger`` comes from."""
    wanted = head.position + 1
    if stranger.previous == head.hash:
        return _problem(Fault.REORDERED, stranger, f"belongs to position {wanted}")
    async for page in archive.entries():
        for entry in page:
            if entry.hash == stranger.hash and entry.position < stranger.position:
                return _problem(Fault.DUPLICATED, stranger, f"is a copy of the one at {entry.position}")
            if entry.previous == head.hash:
                return _problem(Fault.REORDERED, entry, f"belongs to position {wanted}")
    last = max(wanted, stranger.position - 1)
    sentence = f"The record at position {wanted} is missing."
    if last > wanted:
        sentence = f"The records at positions {wanted} to {last} are missing."
    return Problem(fault=Fault.MISSING, position=wanted, id=None, sentence=sentence)


def _problem(fault: Fault, entry: Entry, what: str) -> Problem:
    named = f"record {entry.id}" if entry.id else "record"
    sentence = f"The {named} at position {entry.position} {what}."
    return Problem(fault=fault, position=entry.position, id=entry.id, sentence=sentence)
