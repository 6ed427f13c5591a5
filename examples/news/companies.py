"""The three invented companies that the paper lets in: who they are, and at which address each is found."""

from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """A third party: its first host label, its name, and the addresses that it answers at."""

    label: str
    name: str
    paths: tuple[str, ...]

    def origin(self, third_parties: str) -> str:
        """Its own origin under the common one: `http://northwind.localhost:8001`."""
        parts = urlsplit(third_parties)
        return f"{parts.scheme}://{self.label}.{parts.netloc}"

    def answers(self, path: str) -> bool:
        """Whether the address `path` is one of its own."""
        return path.startswith(self.paths)


NORTHWIND = Company(label="northwind", name="Northwind Insight", paths=("/analytics.js", "/collect"))
GULLWING = Company(label="gullwing", name="Gullwing Adverts", paths=("/ad", "/pixel.gif"))
PEEPBOX = Company(label="peepbox", name="Peepbox Video", paths=("/video/",))
COMPANIES = (NORTHWIND, GULLWING, PEEPBOX)


def company_at(path: str) -> Company | None:
    """Whose address this is; style sheets and the like belong to nobody."""
    return next((company for company in COMPANIES if company.answers(path)), None)
