"""Has decisions recorded before they take effect; knows no HTTP."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from anyio import fail_after

from consent.changes import Changes, OnChange
from consent.decision import Decision
from consent.gatekeeper import Gatekeeper, Outcome
from consent.records.log import LogRecords
from consent.records.record import ConsentRecords
from consent.state import Consent

RECORD_TIMEOUT: Final = 10.0
"""Seconds that a store has to keep a record; then it has failed, and nobody waits any longer."""

_log: Final = logging.getLogger("consent")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """What takes effect of a decision: ``outcome``, or nothing. ``whole`` is false if a grant was lost."""

    outcome: Outcome | None
    whole: bool


class Registrar:
    """Record first: a grant without evidence is none, and what is taken back is taken back (R25)."""

    def __init__(
        self,
        gatekeeper: Gatekeeper,
        records: ConsentRecords,
        clock: Callable[[], float],
        on_change: OnChange | None = None,
    ) -> None:
        self._gatekeeper = gatekeeper
        self._changes = Changes(gatekeeper.catalogue, on_change)
        self._records = records
        self._fallback = LogRecords()
        self._clock = clock

    def outcome(self, decision: Decision, before: Consent, language: str, *, grants: bool = True) -> Outcome:
        """What ``decision`` would come to now; with ``grants`` false, without whatever it grants."""
        return self._gatekeeper.outcome(decision, before, language=language, now=self._clock(), grants=grants)

    async def rule(self, outcome: Outcome, decision: Decision, before: Consent) -> Ruling:
        """Have ``outcome`` recorded, say what of it takes effect, and tell the site if that is a change."""
        ruling = await self._recorded(outcome, decision, before)
        if ruling.outcome is not None:
            self._count(ruling.outcome)
            await self._changes.tell(before, ruling.outcome.consent)
        return ruling

    def _count(self, outcome: Outcome) -> None:
        record, consent = outcome.record, outcome.consent
        verdicts = {
            category.id: consent.verdict(category.id) for category in self._gatekeeper.catalogue.asked
        }
        self._gatekeeper.counts.decided(record.action, record.method, verdicts)

    async def _recorded(self, outcome: Outcome, decision: Decision, before: Consent) -> Ruling:
        try:
            with fail_after(RECORD_TIMEOUT):
                await self._records.append(outcome.record, outcome.notice)
        except Exception:  # noqa: BLE001  # whatever a store raises: a refusal counts, a grant does not
            self._gatekeeper.counts.unrecorded()
            _log.exception("A decision could not be recorded.")
            return await self._without_evidence(outcome, decision, before)
        return Ruling(outcome=outcome, whole=True)

    async def _without_evidence(self, outcome: Outcome, decision: Decision, before: Consent) -> Ruling:
        reduced = self.outcome(decision, before, outcome.record.language, grants=False)
        if not reduced.changes:
            return Ruling(outcome=None, whole=not outcome.gained)
        await self._fallback.append(reduced.record, reduced.notice)
        return Ruling(outcome=reduced, whole=not outcome.gained)

    async def close(self) -> None:
        """Let the store finish what it is writing, if it can; an error is no reason not to shut down."""
        aclose = getattr(self._records, "aclose", None)
        if aclose is None:
            return
        try:
            with fail_after(RECORD_TIMEOUT):
                await aclose()
        except Exception:  # noqa: BLE001  # whatever a store raises
            _log.exception("The records could not be closed.")
