"""Tells the site of changed standings, in its own code; knows no store and no HTTP."""

import inspect
import logging
from collections.abc import Callable, Sequence
from typing import Any, Final

from anyio import move_on_after, to_thread

from consent.catalogue import Catalogue
from consent.model import Service
from consent.state import Consent

HOOK_TIMEOUT: Final = 10.0
"""Seconds that a hook has; the visitor is waiting for the answer."""

OnChange = Callable[[Consent, Consent, Sequence[Service]], Any]
"""Called with the standing before and after a decision, and the services that gained or lost consent."""

_log: Final = logging.getLogger("consent")


class Changes:
    """Calls one hook, which may be a coroutine function; another runs in a worker thread.

    Whatever it raises, and however long it takes, the decision stands.
    """

    def __init__(self, catalogue: Catalogue, hook: OnChange | None) -> None:
        self._services = tuple(service for _, service in catalogue.services)
        self._hook = hook

    async def tell(self, before: Consent, after: Consent) -> None:
        """Call the hook if the standing has changed."""
        if self._hook is None or not after.differs_from(before):
            return
        changed = before.granted ^ after.granted
        services = tuple(service for service in self._services if service.id in changed)
        with move_on_after(HOOK_TIMEOUT) as scope:
            await self._call(self._hook, before, after, services)
        if scope.cancelled_caught:
            _log.error("on_change took longer than %s seconds; the decision stands.", HOOK_TIMEOUT)

    async def _call(
        self, hook: OnChange, before: Consent, after: Consent, services: Sequence[Service]
    ) -> None:
        try:
            if inspect.iscoroutinefunction(hook):
                await hook(before, after, services)
                return
            result = await to_thread.run_sync(hook, before, after, services, abandon_on_cancel=True)
            if inspect.isawaitable(result):
                await result
        except Exception:  # noqa: BLE001  # the site's own code: whatever it raises, the decision stands
            _log.exception("on_change failed; the decision stands.")
