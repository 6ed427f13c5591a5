"""The public surface: what the package exports is what `docs/reference/api.txt` says, and is documented."""

import ast
import dataclasses
import inspect
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, assert_type

import pytest
from starlette.requests import Request

import consent
from consent import Consent, RequestConsent, Verdict, get_consent

API = Path(__file__).parents[1] / "docs" / "reference" / "api.txt"


def public() -> dict[str, Any]:
    return {name: getattr(consent, name) for name in consent._PLACES}


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


def test_type_checkers_see_the_same_names() -> None:
    """What is imported when it is wanted stands there a second time, for editors, from the same modules."""
    source = ast.parse(Path(consent.__file__).read_text())
    [block] = [part for part in source.body if isinstance(part, ast.If) and isinstance(part.test, ast.Name)]
    seen = {
        alias.asname: part.module
        for part in block.body
        if isinstance(part, ast.ImportFrom)
        for alias in part.names
    }
    assert seen == {name: f"consent.{place}" for name, place in consent._PLACES.items()}
    every: dict[str, Any] = {}
    exec("from consent import *", every)  # noqa: S102  # as readers do at a prompt
    assert set(seen) == every.keys() - {"__builtins__"}
    assert set(seen) <= set(dir(consent))
    with pytest.raises(AttributeError, match=r"^module 'consent' has no attribute 'Nothing'$"):
        getattr(consent, "Nothing")  # noqa: B009  # a type checker would refuse it


def test_the_plugin_costs_a_session_nothing() -> None:
    """Whoever has the package installed loads the plugin with each run of pytest, and nothing else of it."""
    code = (
        "import sys, consent.testing.plugin; print(sorted(m for m in sys.modules if m.startswith('consent')))"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert loaded == "['consent', 'consent._version', 'consent.testing', 'consent.testing.plugin']\n"


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
