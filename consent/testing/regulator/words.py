"""Words by which the suite tells what a text says, in the languages that most sites speak; knows no page."""

import re
from typing import Final


def _any_of(*stems: str) -> re.Pattern[str]:
    return re.compile("|".join(stems), re.IGNORECASE)


LEGITIMATE_INTEREST: Final = _any_of(
    "legitimate interest", "berechtigte[snrm]? interesse", "intérêts? légitime", "interés(es)? legítimo",
    "interess[ei] legittim", "gerechtvaardigd belang", "uzasadnion\\w+ interes", "interesses? legítimo",
    "berättigat intresse", "legitim\\w* interesse",
)  # fmt: skip
"""The legal basis that Article 5(3) of the ePrivacy Directive does not know."""

ADVERTISING: Final = _any_of(
    "advert", r"\bads?\b", "werb", "anzeigen", "publici[td]", "pubblicit", "reclame", "reklam", "reklám",
    "reklaam", "reklām", "annons", "annonc", "mainon", "hirdet", "oglaš", "oglas", "riklam", "auglýs",
    "fógra", "διαφήμ", "διαφημ", "реклам", "գովազդ", "რეკლამ", "إعلان",
)  # fmt: skip
"""How languages call advertising."""

ACCEPTING: Final = _any_of(
    "accept", "agree", "allow", "akzept", "zustimm", "einverstanden", "erlaub", "acept", "accett", "consent",
    "autoris", "toestaan", "akkoord", "zgadzam", "akcept", "godkän", "godkend", "tillåt", "tillad", "aceit",
)  # fmt: skip
"""What buttons say that accept."""

REFUSING: Final = _any_of(
    "reject", "refus", "declin", r"\bden(y|ied)\b", "without", "ablehn", "verweiger", "rechaz", "rifiut",
    "weiger", "afwijz", "odrzu", "neka", "avvisa", "afvis", "avvis", "recus", "rejeit", "sans", "ohne",
    r"\bsin\b", "senza", "zonder", r"\bbez\b", "utan", "uden", r"\bsem\b", "only", r"\bnur\b", "hylk",
)  # fmt: skip
"""What buttons say that refuse."""

OTHER_PLATFORMS: Final = _any_of(
    "axept\\.?io", "borlabs", "complianz", "consensu\\.org", "cookie-?script", "cookiebot", "cookieconsent",
    "cookielaw", "cookieyes", "didomi", "iubenda", "klaro", "onetrust", "osano", "privacy-mgmt", "quantcast",
    "sourcepoint", "tarteaucitron", "termly", "trustarc", "usercentrics",
)  # fmt: skip
"""What stands in the addresses of consent platforms."""
