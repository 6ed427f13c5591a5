"""Who takes part: for each consent interface its files, and where on the page a visitor finds its parts.

How each one's page is set up stands in ``setups/NAME``: ``head.html`` goes to the end of ``<head>``,
``foot.html`` to the end of the footer. Each follows the documentation of its project, in the kindest
reading: minified builds from this origin, settings in the page instead of a further file, scripts that
do not block the page wherever the documentation allows it, and only what this page needs.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

SETUPS: Final = Path(__file__).parent / "setups"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contestant:
    """One page to look at. ``banner``, ``accept`` and ``choose`` are selectors of the first layer and of
    its buttons; ``files`` are those of the npm ``package`` that a first visit loads.
    """

    name: str
    banner: str = ""
    accept: str = ""
    choose: str = ""
    package: str = ""
    files: tuple[str, ...] = ()

    @property
    def asks(self) -> bool:
        """Whether there is anything to show: the bare page has nothing."""
        return bool(self.banner)

    @property
    def host(self) -> str:
        """Its own origin's host; browsers trust everything under ``localhost`` as if it came by https."""
        return f"{self.name}.localhost"


OURS: Final = Contestant(
    name="ours",
    banner="#cst-ask",
    accept="#cst-ask button[name=action][value=accept]",
    choose="#cst-ask :is(button, summary):not([value=accept], [value=reject])",
)

BARE: Final = Contestant(name="none")
"""The page as it is without any consent interface: what all others are measured against."""

BARE_AGAIN: Final = Contestant(name="none-again")
"""The bare page a second time: its distance from the first is the noise of the machine."""

PEERS: Final = (
    Contestant(
        name="vanilla-cookieconsent",
        banner="#cc-main .cm",
        accept="#cc-main .cm [data-role=all]",
        choose="#cc-main .cm [data-role=show]",
        package="vanilla-cookieconsent",
        files=("dist/cookieconsent.css", "dist/cookieconsent.esm.js"),
    ),
    Contestant(
        name="orejime",
        banner=".orejime-Banner",
        accept=".orejime-Banner-saveButton",
        choose=".orejime-Banner-learnMoreButton",
        package="orejime",
        files=("dist/orejime-standard.css", "dist/orejime-standard-en.js"),
    ),
    Contestant(
        name="klaro",
        banner=".klaro .cookie-notice",
        accept=".klaro .cookie-notice .cm-btn-success",
        choose=".klaro .cookie-notice .cn-learn-more",
        package="klaro",
        files=("dist/klaro.js",),
    ),
    # As its documentation sets it up: one script tag, which loads the rest.
    Contestant(
        name="tarteaucitron",
        banner="#tarteaucitronAlertBig",
        accept="#tarteaucitronPersonalize2",
        choose="#tarteaucitronCloseAlert",
        package="tarteaucitronjs",
        files=(
            "tarteaucitron.min.js",
            "css/tarteaucitron.min.css",
            "lang/tarteaucitron.en.min.js",
            "tarteaucitron.services.min.js",
        ),
    ),
    # As its options allow at best: deferred, its files named by the page, without its catalogue of services.
    Contestant(
        name="tarteaucitron-lean",
        banner="#tarteaucitronAlertBig",
        accept="#tarteaucitronPersonalize2",
        choose="#tarteaucitronCloseAlert",
        package="tarteaucitronjs",
        files=("css/tarteaucitron.min.css", "tarteaucitron.min.js", "lang/tarteaucitron.en.min.js"),
    ),
)

CONTESTANTS: Final = (BARE, OURS, *PEERS, BARE_AGAIN)
