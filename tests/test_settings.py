"""Settings: checked when made, and every error says where, what came and what is allowed."""

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from consent import Category, ConfigurationError, ConsentSettings
from consent.gatekeeper import Gatekeeper
from tests.sites import SECRET, service, settings

ENVIRON = {"CONSENT_SECRET_KEYS": f"{SECRET}, {SECRET} two"}
HEAD = 'controller = "The Example Post"\n'
SERVICE = HEAD + '[[category]]\nid = "analytics"\n[[category.service]]\nid = "counter"\nname = "Counter"\n'
WHOLE = SERVICE + 'provider = "Counter Ltd"\npurpose = { en = "Counts.", de = "Zählt." }\n'


def load(folder: Path, text: str | bytes, environ: dict[str, str] | None = None) -> ConsentSettings:
    path = folder / "consent.toml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return ConsentSettings.from_toml(path, environ=ENVIRON if environ is None else environ)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"controller": " "}, "controller: came as ' '; allowed is the name and address"),
        ({"controller": 3}, "controller: came as 3; allowed is"),
        (
            {"controller_name": ""},
            "controller_name: came as ''; allowed is a name that stands in 'controller'.",
        ),
        (
            {"controller_name": "Somebody else"},
            "controller_name: came as 'Somebody else'; allowed is a name that",
        ),
        ({"controller_name": 3}, "controller_name: came as 3; allowed is"),
        (
            {"secret_keys": ()},
            "secret_keys: is missing; allowed are one or more keys of at least 32 characters, in "
            "CONSENT_SECRET_KEYS of the environment, not in a file (`consent new-key` prints one).",
        ),
        ({"secret_keys": SECRET}, "secret_keys: came as str; allowed is a list."),
        (
            {"secret_keys": ("short",)},
            "secret_keys[0]: came with 5 characters (not shown); allowed are at least 32",
        ),
        ({"secret_keys": (SECRET, 7)}, "secret_keys[1]: came with int (not shown)"),
        ({"categories": 7}, "categories: came as 7; allowed is a list."),
        ({"path": "consent"}, "path: came as 'consent'; allowed is a local path such as '/consent'."),
        ({"path": "/"}, "path: came as '/'; allowed is"),
        ({"policy_url": "//evil"}, "policy_url: came as '//evil'; allowed is a local path"),
        ({"policy_url": "javascript:x"}, "policy_url: came as 'javascript:x'; allowed is"),
        ({"cookie_domain": "localhost"}, "cookie_domain: came as 'localhost'; allowed is a domain"),
        ({"exclude": ["embed"]}, "exclude[0]: came as 'embed'; allowed is a path that begins with '/'."),
        ({"control": "none"}, "control: came as 'none'; allowed is 'inject' or 'template'."),
        ({"undeclared": "drop"}, "undeclared: came as 'drop'; allowed is 'withhold' or 'allow'."),
        ({"language": "English"}, "language: came as 'English'; allowed is a language tag such as 'en'."),
        ({"default_language": ""}, "default_language: came as ''; allowed is"),
        ({"lifetime": 179}, "lifetime: came as 179; allowed are 180 to 400 days."),
        ({"lifetime": 401}, "lifetime: came as 401; allowed are 180 to 400 days."),
        ({"lifetime": True}, "lifetime: came as True; allowed is a number of days."),
        ({"layout": "wall"}, "layout: came as 'wall'; allowed is 'bar' or 'box' or 'inline' or 'modal'."),
        ({"policy_date": "soon"}, "policy_date: came as 'soon'; allowed is a date such as 2026-11-23."),
    ],
)
def test_bad_settings_are_refused_in_one_sentence(values: dict[str, Any], sentence: str) -> None:
    """What cannot be used is refused when the settings are made, not when a visitor comes (R31)."""
    with pytest.raises(ConfigurationError, match=f"^{re.escape(sentence)}"):
        settings(**values)


def test_no_secret_is_shown() -> None:
    """Neither a repr nor an error tells a key."""
    assert SECRET not in repr(settings())


def test_declarations_too_long_for_one_cookie_are_refused() -> None:
    """A site whose largest answer no browser would keep learns it at start (R29)."""
    many = [service(f"a-rather-long-name-of-a-service-{number}") for number in range(200)]
    with pytest.raises(ConfigurationError, match=r"^category: the ids together are too long for one cookie"):
        Gatekeeper(settings(categories=[Category(id="analytics", services=many)]))


def test_the_policy_is_ours_unless_the_site_has_its_own() -> None:
    """The banner links to the site's own policy page if it has one."""
    assert settings(path="/choices").policy_address == "/choices"
    assert (
        settings(policy_url="https://site.example/cookies").policy_address == "https://site.example/cookies"
    )


def test_a_file_and_the_environment_make_settings(tmp_path: Path) -> None:
    """Declarations come from the file, deployment values from the environment, which wins."""
    made = load(
        tmp_path,
        'policy_url = "/a"\nlifetime = 200\n'
        + WHOLE
        + 'cookies = [{ name = "c_*", purpose = "x", duration = "1 day" }]\n',
        {
            **ENVIRON,
            "CONSENT_POLICY_URL": "/b",
            "CONSENT_EXCLUDE": "/embed, /api",
            "CONSENT_GATE_EXCLUDED": "false",
        },
    )
    assert made.secret_keys == (SECRET, f"{SECRET} two")
    assert (made.policy_url, made.lifetime, made.exclude, made.gate_excluded) == (
        "/b",
        200,
        ("/embed", "/api"),
        False,
    )
    assert made.catalogue.requires("c_1") == {"counter"}


def test_texts_can_be_given_by_language(tmp_path: Path) -> None:
    """A purpose is one text, or one for each language (R15)."""
    made = load(tmp_path, WHOLE + 'justification = "Because."\n')
    counter = made.categories[0].services[0]
    assert counter.purpose == {"en": "Counts.", "de": "Zählt."}
    assert counter.justification == "Because."


def test_the_processs_environment_is_used_by_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A deployment sets CONSENT_SECRET_KEYS and nothing else."""
    path = tmp_path / "consent.toml"
    path.write_text(HEAD)
    monkeypatch.setenv("CONSENT_SECRET_KEYS", SECRET)
    monkeypatch.setenv("CONSENT_LIFETIME", "365")
    assert ConsentSettings.from_toml(path).lifetime == 365


def test_variables_of_others_are_left_alone(tmp_path: Path) -> None:
    """A cluster may set CONSENT_SERVICE_HOST; that is not ours."""
    load(tmp_path, HEAD, {**ENVIRON, "CONSENT_SERVICE_HOST": "10.0.0.1", "CONSENT_PORT": "tcp://x"})


@pytest.mark.parametrize(
    ("text", "environ", "sentence"),
    [
        ("", None, "consent.toml, controller: is missing."),
        (HEAD, {}, "consent.toml, secret_keys: is missing; allowed are one or more keys"),
        (HEAD + "x =", None, "consent.toml: this is not TOML: "),
        (b"\xff", None, "consent.toml: this is not TOML: "),
        (
            HEAD + "contrller = 1",
            None,
            "consent.toml, contrller: the key 'contrller' is unknown (did you mean 'controller'?); known are ",
        ),
        (
            'contrller = "The Example Post"',
            None,
            "consent.toml, contrller: the key 'contrller' is unknown (did you mean 'controller'?); known are ",
        ),
        (
            SERVICE + 'provider = "P"\nporpose = "Counts."',
            None,
            "consent.toml, category[0].service[0].porpose: the key 'porpose' is unknown (did you mean 'purpose'?)",
        ),
        (
            HEAD + "[[categories]]\nid = 'analytics'",
            None,
            "consent.toml, categories: the key 'categories' is unknown; this is written [[category]].",
        ),
        (
            HEAD + "[[category]]\nid = 'analytics'\n[[category.services]]\nid = 'counter'",
            None,
            "consent.toml, category[0].services: the key 'services' is unknown; this is written [[category.service]].",
        ),
        (
            WHOLE + "[[category.service.cookie]]\nname = 'c'",
            None,
            "consent.toml, category[0].service[0].cookie: the key 'cookie' is unknown; "
            "this is written [[category.service.cookies]].",
        ),
        (
            HEAD + "[category]\nid = 'analytics'\npurpose = '" + 99 * "x" + "'",
            None,
            f"consent.toml, category: came as {{'id': 'analytics', 'purpose': '{48 * 'x'}...; allowed is a list, "
            "written [[category]].",
        ),
        (
            HEAD + 'secret_keys = "abc"',
            {},
            "consent.toml, secret_keys: came in a wrong shape (not shown); allowed is a list",
        ),
        (
            HEAD + "category = 1",
            None,
            "consent.toml, category: came as 1; allowed is a list, written [[category]].",
        ),
        (HEAD + "category = [1]", None, "consent.toml, category[0]: came as 1; allowed is a table."),
        (
            HEAD + '[[category]]\nid = "ads"',
            None,
            "consent.toml, category[0], Category 'ads': 'name' is missing; only",
        ),
        (HEAD + "lifetime = true", None, "consent.toml, lifetime: came as True; allowed is a whole number."),
        (HEAD + "lifetime = 3", None, "consent.toml, lifetime: came as 3; allowed are 180 to 400 days."),
        (
            HEAD + "[texts.en]\naccept = 3",
            None,
            "consent.toml, texts.en.accept: came as 3; allowed is a string.",
        ),
        (SERVICE + 'provider = "P"', None, "consent.toml, category[0].service[0].purpose: is missing."),
        (
            SERVICE + "provider = 1",
            None,
            "consent.toml, category[0].service[0].provider: came as 1; allowed is a string.",
        ),
        (
            WHOLE + "name2 = 1",
            None,
            "consent.toml, category[0].service[0].name2: the key 'name2' is unknown (did you mean 'name'?); known are id, ",
        ),
        (
            WHOLE + "zzz = 1",
            None,
            "consent.toml, category[0].service[0].zzz: the key 'zzz' is unknown; known are id, ",
        ),
        (
            WHOLE.replace('de = "Zählt."', "de = 3"),
            None,
            "consent.toml, category[0].service[0].purpose: came as {'en': 'Counts.', 'de': 3}; allowed is a text",
        ),
        (
            WHOLE + 'cookies = [{ name = "c", purpose = "x", duration = "long" }]',
            None,
            "consent.toml, category[0].service[0].cookies[0], Cookie 'c', duration: came as 'long'; allowed is",
        ),
        (
            WHOLE + 'storage = [{ name = "c", purpose = "x", kind = "cloud" }]',
            None,
            "consent.toml, category[0].service[0].storage[0], Storage 'c': the kind came as 'cloud'; allowed are local",
        ),
        (
            HEAD,
            {"CONSENT_SECRET_KEY": "x"},
            "environment variable CONSENT_SECRET_KEY: is unknown; CONSENT_SECRET_KEYS is.",
        ),
        (
            HEAD,
            {**ENVIRON, "CONSENT_GATE_EXCLUDED": "maybe"},
            "environment variable CONSENT_GATE_EXCLUDED: came as 'maybe'; allowed are true, 1, false, 0.",
        ),
        (
            HEAD,
            {**ENVIRON, "CONSENT_LIFETIME": "long"},
            "consent.toml, lifetime: came as 'long'; allowed is a whole number.",
        ),
    ],
)
def test_an_error_names_the_place_in_the_file(
    tmp_path: Path, text: str | bytes, environ: dict[str, str] | None, sentence: str
) -> None:
    """Whoever wrote the file finds the line: file, path inside it, what came, what is allowed."""
    with pytest.raises(ConfigurationError, match=f"^{re.escape(sentence)}") as caught:
        load(tmp_path, text, environ)
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole path that was looked at is in the error, however the file was named."""
    monkeypatch.chdir(tmp_path)
    sentence = re.escape(f"{tmp_path / 'consent.toml'}: the file cannot be read")
    with pytest.raises(ConfigurationError, match=sentence):
        ConsentSettings.from_toml("consent.toml")
    with pytest.raises(
        ConfigurationError, match=re.escape(f"{tmp_path / 'no.toml'}: the file cannot be read")
    ):
        ConsentSettings.from_toml(tmp_path / "no.toml")


def test_a_date_and_a_folder_are_read_from_file_and_environment(tmp_path: Path) -> None:
    """A date is TOML's own or written like one; the folder of templates is seen from the settings file."""
    made = load(tmp_path, WHOLE.replace(HEAD, HEAD + 'policy_date = 2026-11-01\ntemplates = "own"\n'))
    assert (made.policy_date, made.templates) == (date(2026, 11, 1), str(tmp_path / "own"))
    later = load(tmp_path, WHOLE, {**ENVIRON, "CONSENT_POLICY_DATE": "2026-12-01"})
    assert later.policy_date == date(2026, 12, 1)
    with pytest.raises(ConfigurationError, match="policy_date: came as 'soon'; allowed is a date such as"):
        load(tmp_path, WHOLE, {**ENVIRON, "CONSENT_POLICY_DATE": "soon"})
