"""The public surface: what the package exports is what `docs/reference/api.txt` says, and is documented."""

import dataclasses
import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any, assert_type

from starlette.requests import Request

import consent
from consent import Consent, RequestConsent, Verdict, get_consent

API = Path(__file__).parents[1] / "docs" / "reference" / "api.txt"


def public() -> dict[str, Any]:
    return {
        name: value
        for name, value in vars(consent).items()
        if not name.startswith("_") and not inspect.ismodule(value)
    }


def lines() -> Iterator[str]:
    for name, value in sorted(public().items()):
        if inspect.isclass(value):
            yield f"class {name}"
            fields = (
                {field.name for field in dataclasses.fields(value)}
                if dataclasses.is_dataclass(value)
                else set()
            )
            members = {*vars(value), *fields} - {"mro"}
            for member in sorted(name for name in members if not name.startswith("_")):
                yield f"    {member}"
        else:
            yield f"def {name}{inspect.signature(value)}"


def test_the_public_surface_is_the_reviewed_one() -> None:
    """A name that appears, changes or goes is a line in a file that is read before it is released."""
    assert "\n".join(lines()) + "\n" == API.read_text()


def test_every_public_name_is_documented() -> None:
    """Each exported name tells its promise."""
    assert [name for name, value in public().items() if not (value.__doc__ or "").strip()] == []


def test_types_are_told() -> None:
    """A type checker knows what a view gets."""

    def view(request: Request) -> None:
        found = get_consent(request)
        assert_type(found, RequestConsent)
        assert_type(found.standing, Consent)
        assert_type(found.allows("analytics"), bool)
        assert_type(found.verdict("analytics"), Verdict)

    assert callable(view)
    assert (Path(consent.__file__).parent / "py.typed").exists()
