"""What each state shows: markup as the real renderer makes it, and where in a page it stands."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from consent.state import Consent
from examples.news.gallery.examples import ADDRESS
from examples.news.gallery.scenes import Scene

Place = Literal["first", "inside", "whole"]


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """One state: what it is called, where its markup stands in a page, and how it is made."""

    title: str
    about: str
    make: Callable[[Scene], str]
    place: Place = "first"
    categories: int = 1
    fragment: str = ""

    def exists(self, scene: Scene) -> bool:
        """Whether a site with these declarations can ever be in it."""
        return len(scene.categories) >= self.categories


def _taken(document: str) -> str:
    """What our script takes out of an answer into the page: its element, dressed."""
    sheets = "".join(re.findall(r'<link rel="stylesheet"[^>]*>', document))
    return sheets + document.partition('<body class="cst-page__body">')[2].rpartition("</body>")[0]


def _banner(scene: Scene) -> str:
    return scene.renderer.banner(**scene.words)


def _partial(scene: Scene) -> str:
    return scene.renderer.banner(consent=scene.partly, **scene.words)


def _objected(scene: Scene) -> str:
    return scene.renderer.banner(consent=scene.objecting, **scene.words)


def _shared(scene: Scene) -> str:
    shown = f'<link rel="stylesheet" href="{ADDRESS}/asking.css">'
    return scene.renderer.shared_banner(**scene.words) + shown


def _control(scene: Scene) -> str:
    return scene.renderer.control(**scene.words)


def _all(scene: Scene) -> str:
    return scene.renderer.confirmation(scene.standing(*scene.categories), **scene.words)


def _some(scene: Scene) -> str:
    return scene.renderer.confirmation(scene.some, **scene.words)


def _none(scene: Scene) -> str:
    return scene.renderer.confirmation(scene.standing(), **scene.words)


def _reply(scene: Scene) -> str:
    return _taken(scene.renderer.saved(scene.some, **scene.words))


def _refused(scene: Scene) -> str:
    return _taken(scene.renderer.refused(key="notice_changed", **scene.words))


def _dialog(scene: Scene) -> str:
    return _taken(scene.renderer.choices(scene.nobody, **scene.words))


def _dialog_again(scene: Scene) -> str:
    return _taken(scene.renderer.choices(scene.some, **scene.words))


def _dialog_objected(scene: Scene) -> str:
    return _taken(scene.renderer.choices(scene.objecting, **scene.words))


def _policy(scene: Scene, consent: Consent) -> str:
    """Without the script, which would take the specimen for a page of the paper's."""
    page = scene.renderer.policy_page(consent, **scene.words)
    return page.replace(scene.renderer.script(consent, base=""), "")


def _fragment(scene: Scene) -> str:
    return scene.renderer.policy(scene.some, **scene.words)


def _embed(scene: Scene) -> str:
    return scene.renderer.placeholder(scene.example.embed, **scene.words)


def _link(scene: Scene) -> str:
    return f"<p>{scene.renderer.link(**scene.words)}</p>"


def _error(scene: Scene) -> str:
    return scene.renderer.error_page(status=404, key="not_found", **scene.words)


STATES: Final[dict[str, State]] = {
    "banner": State(title="Banner", about="Asks a visitor who has decided nothing.", make=_banner),
    "banner-again": State(
        title="Banner, asked again",
        about="Asks only for what has changed since the visitor decided.",
        make=_partial,
        categories=2,
    ),
    "banner-signal": State(
        title="Banner, under a signal",
        about="Asks for the rest where the browser objects to something by itself.",
        make=_objected,
        categories=2,
    ),
    "banner-shared": State(
        title="Banner of a shared page",
        about="The same bytes for everybody; shown here as it is without scripts.",
        make=_shared,
    ),
    "control": State(title="Control", about="The way back to a choice, on every page.", make=_control),
    "link": State(
        title="Link", about="The same way back, in a footer of the site.", make=_link, place="inside"
    ),
    "dialog": State(
        title="Second layer", about="Category by category, service by service, undecided.", make=_dialog
    ),
    "dialog-again": State(
        title="Second layer, decided", about="The same with some of it allowed.", make=_dialog_again
    ),
    "dialog-signal": State(
        title="Second layer, under a signal",
        about="Says what the browser refuses, beside the switch that allows it.",
        make=_dialog_objected,
    ),
    "saved-all": State(
        title="Everything allowed", about="After a decision.", make=_all, fragment="cst-saved"
    ),
    "saved-some": State(
        title="Something allowed", about="Names what was allowed.", make=_some, fragment="cst-saved"
    ),
    "saved-none": State(
        title="Everything refused", about="As short as it can be.", make=_none, fragment="cst-saved"
    ),
    "reply": State(title="Saved by script", about="The answer that our script shows.", make=_reply),
    "refused": State(title="Not saved", about="The answer when a decision cannot be taken.", make=_refused),
    "policy": State(
        title="Policy, undecided",
        about="Choices and cookie policy as a page of its own.",
        make=lambda scene: _policy(scene, scene.nobody),
        place="whole",
    ),
    "policy-decided": State(
        title="Policy, decided",
        about="With what was decided, the way to withdraw and the receipt.",
        make=lambda scene: _policy(scene, scene.some),
        place="whole",
    ),
    "policy-partly": State(
        title="Policy, partly decided",
        about="One service allowed, one category never asked for.",
        make=lambda scene: _policy(scene, scene.partly),
        place="whole",
        categories=2,
    ),
    "policy-signal": State(
        title="Policy, under a signal",
        about="Nothing decided, and something refused by the browser itself.",
        make=lambda scene: _policy(scene, scene.objecting),
        place="whole",
    ),
    "policy-fragment": State(
        title="Policy as a fragment",
        about="In a page of the site, whose look it takes.",
        make=_fragment,
        place="inside",
    ),
    "embed": State(
        title="Placeholder",
        about="Stands for a film or a map until it is allowed.",
        make=_embed,
        place="inside",
    ),
    "error": State(title="Error", about="Says in one sentence what went wrong.", make=_error, place="whole"),
}
"""All states, in the order in which they are shown."""

GROUPS: Final[dict[str, tuple[str, ...]]] = {
    "Asking": ("banner", "banner-again", "banner-signal", "banner-shared"),
    "Choosing": ("dialog", "dialog-again", "dialog-signal", "control", "link"),
    "After a decision": ("saved-all", "saved-some", "saved-none", "reply", "refused"),
    "The policy": ("policy", "policy-decided", "policy-partly", "policy-signal", "policy-fragment"),
    "In place of something": ("embed", "error"),
}
"""The states by what they are for."""
