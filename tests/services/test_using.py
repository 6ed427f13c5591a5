"""Ready-made services: declared by their id in Python and in a settings file, and said otherwise."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any, assert_type

import pytest

from consent import Category, ConfigurationError, ConsentSettings, Cookie, Embed, Service, Storage, services
from tests.sites import SECRET, settings

HEAD = 'controller = "The Example Post"\n[[category]]\nid = "marketing"\n[[category.service]]\n'


def load(folder: Path, text: str) -> Service:
    path = folder / "consent.toml"
    path.write_text(HEAD + text)
    made = ConsentSettings.from_toml(path, environ={"CONSENT_SECRET_KEYS": SECRET})
    return made.categories[0].services[0]


def cookies(service: Service, name: str) -> list[Cookie]:
    return [cookie for cookie in service.cookies if cookie.name == name]


def test_a_service_is_declared_by_its_name(tmp_path: Path) -> None:
    """As an attribute, by its id and in a settings file it is the same declaration."""
    youtube = services.youtube()
    assert_type(youtube, Service)
    assert youtube == services.load("youtube") == load(tmp_path, 'use = "youtube"')
    assert (youtube.id, youtube.name, youtube.country) == ("youtube", "YouTube", "US")
    assert "youtube.com" in youtube.hosts
    assert cookies(youtube, "YSC")[0].domain == "youtube.com"
    assert youtube.embed == Embed(
        addresses=[
            "https://www.youtube.com/embed/",
            "https://youtube.com/embed/",
            "https://www.youtube-nocookie.com/embed/",
        ],
        swap={
            "www.youtube.com": "www.youtube-nocookie.com",
            "youtube.com": "www.youtube-nocookie.com",
        },
    )
    assert services.vimeo().embed == services.load("vimeo").embed != None  # noqa: E711  # the file has one


def test_what_is_there_can_be_listed() -> None:
    """Ids, attributes and what is known of a service beside its declaration."""
    assert {"youtube", "google-analytics", "django-session"} <= set(services.names())
    assert {"google_analytics", "load", "names", "about"} <= set(dir(services))
    assert services.google_analytics.__doc__ is not None
    assert services.google_analytics.__doc__.startswith("Google Analytics: Counts")
    told = services.about("youtube")
    assert (told.id, told.kind, told.category) == ("youtube", "video", "marketing")
    assert told.sources[0].startswith("https://")
    assert told.checked.year >= 2026


def test_every_field_can_be_said_otherwise() -> None:
    """What may be overridden are the fields of a service, all of them."""
    assert set(services.Overrides.__annotations__) == set(Service.__dataclass_fields__)


def test_what_is_given_wins(tmp_path: Path) -> None:
    """A field replaces ours, the others stay; one service can be there twice."""
    mine = load(
        tmp_path,
        'use = "matomo"\nid = "shop"\nhosts = ["stats.example.org"]\nprovider = "Shop Ltd"\n',
    )
    ours = services.load("matomo", provider="Shop Ltd")
    assert (mine.id, mine.hosts, mine.cookies) == ("shop", ("stats.example.org",), ours.cookies)
    assert services.matomo(id="shop", hosts=["stats.example.org"], provider="Shop Ltd") == mine
    assert services.youtube(embed=None, country=None).country is None
    embed = Embed(addresses=["https://films.example/"])
    assert services.youtube(embed=embed).embed is embed


def test_items_are_mended_by_name(tmp_path: Path) -> None:
    """Fields given replace ours in the item of the same name, and an item of another name is added."""
    found = load(
        tmp_path,
        'use = "google-analytics"\n'
        'cookies = [{ name = "_mine", duration = "1 day", purpose = "Counts." }, { name = "_ga", duration = "13 months" }]\n'
        'storage = [{ name = "_kept", kind = "local", purpose = "Counts." }]\n',
    )
    ours = services.google_analytics()
    assert [cookie.name for cookie in found.cookies][:2] == ["_mine", "_ga"]
    assert sorted(cookie.name for cookie in found.cookies) == sorted(
        ["_mine", *(cookie.name for cookie in ours.cookies)]
    )
    [mended] = cookies(found, "_ga")
    assert (mended.duration, mended.purpose) == ("13 months", cookies(ours, "_ga")[0].purpose)
    assert [item.name for item in found.storage] == ["_kept"]


def test_a_declared_item_changes_what_differs_from_its_defaults() -> None:
    """In Python an item may be a declaration or a mapping; neither loses what it does not speak of."""
    given = Cookie(name="YSC", purpose="Counts views.", duration="1 day")
    [mended] = cookies(services.youtube(cookies=[given]), "YSC")
    assert (mended.duration, mended.purpose, mended.domain, mended.http_only) == (
        "1 day",
        "Counts views.",
        "youtube.com",
        True,
    )
    [mended] = cookies(services.youtube(cookies=[{"name": "YSC", "http_only": False}]), "YSC")
    assert (mended.duration, mended.http_only) == ("session", False)
    kept = Storage(name="YtIdbMeta", kind="indexeddb", purpose="Lists databases.")
    found = services.youtube(storage=[kept]).storage
    assert found[0] == kept
    assert len(found) == len(services.youtube().storage)


@pytest.mark.parametrize(
    ("given", "durations"),
    [
        ({"duration": "1 day"}, {None: "1 day", "tiktok.com": "1 day"}),
        ({"duration": "1 day", "domain": "tiktok.com"}, {None: "13 months", "tiktok.com": "1 day"}),
        (
            {"duration": "1 day", "domain": "shop.example"},
            {"shop.example": "1 day", "tiktok.com": "13 months"},
        ),
    ],
)
def test_a_domain_says_which_of_two_items_is_meant(
    given: dict[str, str], durations: dict[str | None, str]
) -> None:
    """Without a domain all of the name are; with one the item there, else the site's own."""
    found = services.tiktok_pixel(cookies=[{"name": "_ttp", **given}])
    assert {cookie.domain: cookie.duration for cookie in cookies(found, "_ttp")} == durations
    assert len(found.cookies) == len(services.tiktok_pixel().cookies)


def test_a_first_party_is_the_controller(tmp_path: Path) -> None:
    """Who provides what the site itself sets need not be said twice."""
    django = services.django_session()
    made = settings(categories=[Category(id="necessary", services=[django])])
    assert made.categories[0].services[0].provider == made.controller
    assert settings(categories=made.categories).categories == made.categories
    assert load(tmp_path, 'use = "django-session"').provider == "The Example Post"
    assert load(tmp_path, 'use = "django-session"\nprovider = "The Post"').provider == "The Post"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            'use = "yotube"',
            "consent.toml, category[0].service[0], use: came as 'yotube', which is no ready-made service; allowed is "
            "'youtube', and whatever consent.services.names() tells.",
        ),
        (
            'use = "qqqqqq"',
            "consent.toml, category[0].service[0], use: came as 'qqqqqq', which is no ready-made service; allowed is "
            "whatever consent.services.names() tells.",
        ),
        (
            'use = "../model"',
            "consent.toml, category[0].service[0], use: came as '../model', which is no ready-made service",
        ),
        (
            "use = 1",
            "consent.toml, category[0].service[0], use: came as 1; allowed is the id of a ready-made",
        ),
        (
            'use = "youtube"\nhots = []',
            "consent.toml, category[0].service[0].hots: the key 'hots' is unknown (did you mean 'hosts'?); known are id, name, ",
        ),
        (
            'use = "youtube"\nsources = []',
            "consent.toml, category[0].service[0].sources: the key 'sources' is unknown; known are",
        ),
        (
            'use = "youtube"\ncookies = "YSC"',
            "consent.toml, category[0].service[0].cookies: came as 'YSC'; allowed is a list, written [[category.service.cookies]].",
        ),
        (
            'use = "youtube"\ncookies = [{ duration = "1 day" }]',
            "consent.toml, category[0].service[0].cookies[0].",
        ),
        (
            'use = "youtube"\ncookies = [{ name = "IDE", duration = "long" }]',
            "consent.toml, category[0].service[0].cookies[0], Cookie 'IDE', duration: came as 'long'",
        ),
        (
            'use = "youtube"\nstorage = ["x"]',
            "consent.toml, category[0].service[0].storage[0]: came as 'x'; allowed is a table.",
        ),
        (
            'use = "youtube"\nembed = { addresses = ["http://x"] }',
            "consent.toml, category[0].service[0].embed, Embed: an address came as 'http://x'; allowed is one",
        ),
    ],
)
def test_what_cannot_be_used_says_where(tmp_path: Path, text: str, sentence: str) -> None:
    """Place, value and what is allowed, also for what is laid over ours."""
    with pytest.raises(ConfigurationError, match=f"^{re.escape(sentence)}"):
        load(tmp_path, text)


def test_use_is_told_among_the_known_keys(tmp_path: Path) -> None:
    """Who mistypes ``use`` reads it."""
    with pytest.raises(
        ConfigurationError,
        match=r"service\[0\].uses: the key 'uses' is unknown \(did you mean 'use'\?\); .*, use\.$",
    ):
        load(tmp_path, 'uses = "youtube"\nname = "x"\nid = "x"\nprovider = "x"\npurpose = "x"')


def test_an_unknown_service_is_refused_in_python_too() -> None:
    """By its id it is a settings error, as an attribute one of Python's own; both name what is close."""
    with pytest.raises(ConfigurationError, match=r"^services.load: came as 'vimoe', .* allowed is 'vimeo'"):
        services.load("vimoe")
    with pytest.raises(ConfigurationError, match=r"^services.about: came as 'vimoe'"):
        services.about("vimoe")
    with pytest.raises(AttributeError, match=r"no ready-made service 'google_analitics'; 'google_analytics'"):
        services.google_analitics  # noqa: B018  # whatever stands there is asked for
    assert not hasattr(services, "qqqqqq")


@pytest.mark.parametrize("key", ["legal_basis", "legitimate_interest", "lawful_basis"])
def test_no_interest_replaces_consent(tmp_path: Path, key: str) -> None:
    """A legal basis in the file is refused with the reason, on whatever level it stands (R11)."""
    sentence = rf"{key}: no legal basis can be chosen: .*needs consent.*EDPB, report of the Cookie Banner"
    for text in (
        f'use = "youtube"\naa = 1\n{key} = "x"',
        f'use = "youtube"\ncookies = [{{ name = "YSC", {key} = true }}]',
    ):
        with pytest.raises(ConfigurationError, match=sentence):
            load(tmp_path, text)


def test_importing_reads_no_declaration() -> None:
    """Whoever uses none of them pays for none of them, and who uses one reads that one."""
    script = """
import sys
opened = []
sys.addaudithook(lambda event, told: event == "open" and opened.append(str(told[0])))
import consent
from consent import services
read = lambda: [name for name in opened if "services" in name and name.endswith((".toml", ".json"))]
assert not read(), read()
services.youtube()
assert len(read()) == 1 and read()[0].endswith("youtube.toml"), read()
"""
    subprocess.run([sys.executable, "-c", script], check=True)


def test_a_declaration_is_never_changed_by_its_user() -> None:
    """What one site says otherwise is not said to the next."""
    before: Any = services.youtube()
    services.youtube(cookies=[{"name": "YSC", "duration": "1 day"}], hosts=[])
    assert services.youtube() == before
