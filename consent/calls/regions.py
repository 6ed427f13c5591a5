"""Where Google's default is to deny, if not everywhere; knows the codes and nothing of a visitor's place."""

import re
from collections.abc import Sequence
from typing import Final

from consent.errors import ConfigurationError

EEA: Final = (
    # the European Union
    *("AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT"),
    *("LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK"),
    # its parts with codes of their own (TFEU, 349 and 355)
    *("AX", "GF", "GP", "MF", "MQ", "RE", "YT"),
    # the other states of the European Economic Area
    *("IS", "LI", "NO"),
)
"""What the word ``EEA`` stands for, by ISO 3166-1."""

_CODE = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?")
_MEANT: Final = {"EU": "EEA", "UK": "GB", "EL": "GR"}


def expand_regions(regions: Sequence[str]) -> tuple[str, ...]:
    """The codes that Google is given, sorted; raises `ConfigurationError` for what is none.

    Elsewhere Google's default will be to grant, so the whole EEA has to be among them: there storage
    needs consent beforehand. [ePrivacy Directive, 5(3)]
    """
    for index, region in enumerate(regions):
        place = f"google_regions[{index}]"
        if region in _MEANT:
            raise ConfigurationError(place, f"came as {region!r}; allowed is {_MEANT[region]!r}.")
        if region != "EEA" and not _CODE.fullmatch(str(region)):
            allowed = "'EEA', or a code of ISO 3166-2 such as 'GB' or 'US-CA'"
            raise ConfigurationError(place, f"came as {region!r}; allowed is {allowed}.")
    if regions and "EEA" not in regions:
        problem = f"came as {list(regions)!r}; 'EEA' must be among them, where consent comes first by law."
        raise ConfigurationError("google_regions", problem)
    return tuple(sorted({code for region in regions for code in (EEA if region == "EEA" else [region])}))
