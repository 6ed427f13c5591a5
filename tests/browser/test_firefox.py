"""The core of the layer in a Firefox, by keyboard alone: asked, answered, chosen, withdrawn."""

import time
from collections.abc import Callable, Iterator

import pytest

from tests.browser.readers import PAGES, STORY, Paper
from tests.firefox import Firefox, firefox_path, without_firefox

pytestmark = pytest.mark.browser

THEIRS = {"northwind.localhost", "gullwing.localhost", "peepbox.localhost"}
HERE = {"127.0.0.1"}

BANNER = "document.getElementById('cst-ask')"
SAVED = "document.getElementById('cst-saved')"
TOLD = f"{SAVED} && {SAVED}.checkVisibility() && {SAVED}.querySelector('.cst-saved__text')?.innerText"
MODAL = "document.querySelector('dialog:modal')"
FOCUSED = "document.activeElement"
ON_SCREEN = f"(({{ top, bottom }}) => bottom > 0 && top < innerHeight)({FOCUSED}.getBoundingClientRect())"

ALL = "Saved. You allowed everything: Preferences, Analytics and Advertising."
NONE = "Saved. You refused everything that is not necessary."
ANSWERS = [("I accept cookies", ALL), ("I reject cookies", NONE)]
IDS = ["accept", "reject"]

PLACES = [
    pytest.param(("body", 0), id="at the top"),
    pytest.param((".story__body p:nth-of-type(5)", 30), id="in a paragraph"),
    pytest.param((".see-also", -10), id="between two parts"),
]


class Reader:
    """Somebody who reads the paper in a Firefox and has no mouse."""

    def __init__(self, firefox: Firefox, paper: Paper) -> None:
        self.firefox = firefox
        self.paper = paper
        self.sees = firefox.sees
        self.types = firefox.types

    def opens(self, *paths: str) -> None:
        for path in paths:
            self.firefox.opens(self.paper.address + path)
            time.sleep(0.1)  # for what would begin after that

    def goes_to(self, name: str) -> list[str]:
        """Tab until something of that name has the focus; the names of all that had it on the way."""
        names = [self.firefox.focused]
        while names[-1] != name:
            assert len(names) < 100, f"{name} is not to be found among {names}"
            self.types("Tab")
            names.append(self.firefox.focused)
        return names

    def presses(self, name: str, key: str = "Enter") -> None:
        self.goes_to(name)
        self.types(key)

    def scrolls_to(self, selector: str, below: int) -> object:
        """Bring a place to the middle of the window; how far that is from the beginning of the page."""
        there = (
            f"document.querySelector({selector!r}).getBoundingClientRect().top + {below} - innerHeight / 2"
        )
        self.sees(f"scrollBy({{ top: {there}, behavior: 'instant' }})")
        return self.sees("scrollY")

    def waits_for(self, expression: str) -> object:
        return self.firefox.wait(lambda: self.sees(expression))

    def is_told(self, sentence: str) -> None:
        """The confirmation is seen; it is a status, so that it is read out too."""
        self.waits_for(f"({TOLD}) == {sentence!r}")
        assert self.sees(f"{SAVED}.role") == "status"

    def decides(self, answer: str, sentence: str) -> None:
        self.presses(answer)
        self.is_told(sentence)

    @property
    def is_asked(self) -> bool:
        return bool(self.sees(f"!!{BANNER} && {BANNER}.checkVisibility()"))


NewReader = Callable[..., Reader]


@pytest.fixture(scope="module")
def firefoxes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[bool], Firefox]]:
    """One with scripts and one without, each started when it is first wanted."""
    path = firefox_path()
    if path is None:
        without_firefox()
    started: dict[bool, Firefox] = {}

    def start(scripts: bool) -> Firefox:
        if scripts not in started:
            started[scripts] = Firefox(path, tmp_path_factory.mktemp("firefox"), scripts=scripts)
        return started[scripts]

    yield start
    for firefox in started.values():
        firefox.close()


@pytest.fixture
def new_reader(firefoxes: Callable[[bool], Firefox], paper: Paper) -> Iterator[NewReader]:
    """Opens a Firefox that remembers nothing, with or without scripts; in the end none of them has failed."""
    opened: list[Firefox] = []

    def open_browser(*, scripts: bool = True) -> Reader:
        firefox = firefoxes(scripts)
        firefox.forgets()
        opened.append(firefox)
        return Reader(firefox, paper)

    yield open_browser
    assert [error for firefox in opened for error in firefox.errors] == []


# --- with scripts and without ---------------------------------------------------------------------


def test_a_first_visit_sets_and_contacts_nothing(new_reader: NewReader, scripts: bool) -> None:
    """Before a choice no cookie is held, nobody but the site is contacted, and the banner comes first (R1, R2)."""
    reader = new_reader(scripts=scripts)
    for path in PAGES:
        reader.opens(path)
        assert reader.is_asked
        assert reader.sees("document.querySelector('body > :not(link)').id") == "cst-ask"
    assert (reader.firefox.cookies, reader.firefox.contacted) == (set(), HERE)


@pytest.mark.parametrize(("answer", "sentence"), ANSWERS, ids=IDS)
def test_an_answer_is_a_few_tabs_and_one_press_away(
    new_reader: NewReader, scripts: bool, answer: str, sentence: str
) -> None:
    """The banner has the first tab stops, accepting and refusing follow each other, one press is enough (R5, R40, R51)."""
    reader = new_reader(scripts=scripts)
    reader.opens(STORY)
    _, *names = reader.goes_to(answer)
    assert names == ["Cookie policy", "I accept cookies", "I reject cookies"][: len(names)]
    reader.types("Enter")
    reader.is_told(sentence)
    assert not reader.is_asked
    reader.opens(STORY)
    assert not reader.is_asked
    assert "consent" in reader.firefox.cookies
    if sentence == NONE:
        assert (reader.firefox.cookies, reader.firefox.contacted) == ({"consent"}, HERE)
    else:
        expected = HERE | (THEIRS if scripts else THEIRS - {"northwind.localhost"})
        reader.firefox.wait(lambda: reader.firefox.contacted == expected)


def test_single_choices_are_kept_apart(new_reader: NewReader, scripts: bool) -> None:
    """In the dialog or on the policy page a reader allows the film and nothing else (R9, R40, R51)."""
    reader = new_reader(scripts=scripts)
    reader.opens(STORY)
    reader.presses("Choose")
    reader.waits_for("!!document.querySelector('.cst-choice')")
    assert not reader.sees("!!document.querySelector('.cst-choice :checked')")
    reader.presses("Peepbox Video", key="Space")
    reader.presses("Save selection")
    reader.is_told("Saved. You allowed Peepbox Video. Everything else stays off.")
    reader.opens(STORY)
    assert reader.firefox.cookies == {"consent", "vp_session"}
    assert reader.firefox.contacted == HERE | {"peepbox.localhost"}


def test_withdrawal_takes_it_all_back(new_reader: NewReader, scripts: bool) -> None:
    """By the link at the foot of every page: the site's own cookies are gone, nobody is contacted any more (R17, R18)."""
    reader = new_reader(scripts=scripts)
    reader.opens("/?utm_campaign=harbour-day")
    reader.decides(*ANSWERS[0])
    reader.opens("/?utm_campaign=harbour-day", STORY)
    assert reader.firefox.cookies > {"consent", "reader_id", "campaign"}
    reader.presses("Cookie settings")
    reader.waits_for("!!document.querySelector('.cst-choice')")
    reader.presses("I reject cookies" if scripts else "Withdraw consent")
    reader.is_told(NONE)
    reader.firefox.forgets_hosts()
    reader.opens(*PAGES)
    assert reader.firefox.cookies - {"ad_id", "vp_session"} == {"consent"}
    assert (reader.firefox.contacted, reader.is_asked) == (HERE, False)


# --- with scripts ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("answer", "sentence"), ANSWERS, ids=IDS)
@pytest.mark.parametrize("place", PLACES)
def test_an_answer_leaves_the_reader_where_they_were(
    new_reader: NewReader, answer: str, sentence: str, place: tuple[str, int]
) -> None:
    """What is read stays where it is on the screen, and the next tab stop lies ahead of it (R53)."""
    reader = new_reader()
    reader.opens(STORY)
    reader.sees("window.stays = true")
    reader.goes_to(answer)
    before = reader.scrolls_to(*place)
    seen = f"Math.round(document.querySelector({place[0]!r}).getBoundingClientRect().top)"
    height = reader.sees(seen)
    reader.types("Enter")
    reader.is_told(sentence)
    assert reader.sees(f"[window.stays, Math.abs({seen} - {height}) <= 1, {ON_SCREEN}]") == [True, True, True]
    assert not reader.sees(f"!!{FOCUSED}.closest('#cst-saved')")
    reader.types("Tab")
    assert reader.sees(f"{FOCUSED}.getBoundingClientRect().top + scrollY") >= before


def test_the_focus_goes_back_to_the_link_it_came_from(new_reader: NewReader) -> None:
    """A reader who turns back from a link to the banner goes on from that link (R53)."""
    reader = new_reader()
    reader.opens(STORY)
    reader.goes_to("Front page")
    while reader.firefox.focused != "I reject cookies":
        reader.types("Shift", "Tab")
    reader.types("Enter")
    reader.is_told(NONE)
    assert reader.firefox.focused == "Skip to the stories"


def test_a_second_thought_ends_at_the_link_it_began_with(new_reader: NewReader) -> None:
    """Who changes an answer at the foot of the page stays there, on the link that opened the dialog (R53)."""
    reader = new_reader()
    reader.opens(STORY)
    reader.decides(*ANSWERS[1])
    reader.presses("Cookie settings")
    reader.waits_for(f"!!{MODAL}")
    reader.decides(*ANSWERS[0])
    assert reader.firefox.focused == "Cookie settings"


def test_the_dialog_is_modal_and_escape_decides_nothing(new_reader: NewReader) -> None:
    """The focus goes into it and cannot leave it for the page; Escape gives it back to what opened it (R53)."""
    reader = new_reader()
    reader.opens(STORY)
    reader.presses("Choose")
    reader.waits_for(f"!!{MODAL} && {MODAL}.contains({FOCUSED})")
    for _ in range(40):
        reader.types("Tab")
        assert reader.sees(f"{MODAL}.contains({FOCUSED}) || !document.hasFocus()")
    reader.types("Escape")
    reader.waits_for("!document.querySelector('dialog')")
    assert (reader.firefox.focused, reader.is_asked) == ("Choose", True)
    assert (reader.firefox.cookies, reader.firefox.contacted) == (set(), HERE)


def test_a_category_switched_on_starts_at_once(new_reader: NewReader) -> None:
    """Saved without a reload, what was allowed runs in the same page, and the page's scripts are told (R13, R51)."""
    reader = new_reader()
    reader.opens(STORY)
    reader.sees("window.stays = true")
    reader.presses("Choose")
    reader.waits_for(f"!!{MODAL}")
    reader.presses("Analytics", key="Space")
    assert reader.sees(f"{FOCUSED}.checked")
    reader.presses("Save selection")
    reader.is_told("Saved. You allowed Analytics. Everything else stays off.")
    granted = ["analytics", "comments", "necessary", "northwind-insight", "readership"]
    assert reader.sees("window.stays && [...consent.get().granted].sort()") == granted
    assert reader.sees(f"{ON_SCREEN} && !{MODAL}")
    reader.firefox.wait(lambda: "_na" in reader.firefox.cookies)
    assert reader.firefox.contacted == HERE | {"northwind.localhost"}


def test_a_decision_reaches_the_other_tabs(new_reader: NewReader) -> None:
    """What is decided in one tab takes the banner from another, and starts there too (R41)."""
    reader = new_reader()
    reader.opens(STORY)
    first = reader.firefox.ask("WebDriver:GetWindowHandle")
    second = reader.firefox.opens_tab()
    reader.opens("/culture")
    reader.decides(*ANSWERS[0])
    reader.firefox.turns_to(first)
    reader.waits_for(f"!{BANNER} && consent.allows('analytics')")
    reader.waits_for("!!document.querySelector('script[src*=northwind]:not([type*=plain])')")
    reader.firefox.turns_to(second)
    assert not reader.is_asked


def test_a_page_from_the_history_is_made_true(new_reader: NewReader) -> None:
    """Going back to a page that still asked finds it answered (R41)."""
    reader = new_reader()
    reader.opens(STORY)
    reader.sees("addEventListener('pageshow', ({ persisted }) => window.kept = persisted)")
    reader.opens("/culture")
    reader.decides(*ANSWERS[1])
    reader.firefox.ask("WebDriver:Back")
    reader.waits_for(f"!{BANNER}")
    assert reader.sees("[window.kept, consent.get().undecided]") == [True, []]
