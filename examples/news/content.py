"""The paper's stories: reads the article files once, then finds them by section, tag or word."""

import re
import tomllib
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

Edition = Literal["coast", "hills"]
EDITIONS: tuple[Edition, ...] = ("coast", "hills")
SECTIONS = {"news": "News", "politics": "Politics", "economy": "Economy", "culture": "Culture"}


def slugify(words: str) -> str:
    """`Port Ansel` as it stands in an address: `port-ansel`."""
    return re.sub(r"[^a-z0-9]+", "-", words.casefold()).strip("-")


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One piece of an article's text: a paragraph, a heading or a quotation."""

    kind: Literal["paragraph", "heading", "quote"]
    text: str

    @classmethod
    def parse(cls, source: str) -> "Block":
        """Read a block by its mark: `## ` for a heading, `> ` for a quotation, else a paragraph."""
        text = " ".join(source.split())
        if text.startswith("## "):
            return cls(kind="heading", text=text[3:])
        if text.startswith("> "):
            return cls(kind="quote", text=text[2:])
        return cls(kind="paragraph", text=text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """An illustration from `static/pictures`, its description and the line below it."""

    file: str
    alt: str
    caption: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One story. `published` is an aware time; `edition` is the half of the region it is about."""

    slug: str
    section: str
    title: str
    standfirst: str
    author: str
    place: str
    published: datetime
    edition: Edition
    tags: tuple[str, ...]
    blocks: tuple[Block, ...]
    picture: Picture | None = None
    video: str | None = None

    @property
    def path(self) -> str:
        """Its local address."""
        return f"/{self.section}/{self.slug}"

    @property
    def section_name(self) -> str:
        """Its section as it is printed."""
        return SECTIONS[self.section]

    @property
    def minutes(self) -> int:
        """Reading time, at 220 words a minute."""
        return max(1, round(sum(len(block.text.split()) for block in self.blocks) / 220))

    @property
    def words(self) -> str:
        """Everything that a search looks through, case-folded."""
        parts = (self.title, self.standfirst, self.place, *self.tags, *(block.text for block in self.blocks))
        return " ".join(parts).casefold()

    def is_about(self, tag: str) -> bool:
        """Whether it carries the tag, given as it stands in addresses."""
        return tag in map(slugify, self.tags)

    @classmethod
    def read(cls, file: Path) -> "Article":
        """Read a file of TOML between two `+++` lines, followed by the text in paragraphs."""
        _, head, text = file.read_text("utf-8").split("+++", 2)
        fields: dict[str, Any] = tomllib.loads(head)
        fields["tags"] = tuple(fields["tags"])
        if "picture" in fields:
            fields["picture"] = Picture(**fields["picture"])
        blocks = tuple(Block.parse(source) for source in text.strip().split("\n\n"))
        return cls(slug=file.stem, blocks=blocks, **fields)


class Archive:
    """All stories of a folder, newest first. Immutable once read."""

    def __init__(self, folder: Path) -> None:
        stories = map(Article.read, sorted(folder.glob("*.md")))
        self.articles = tuple(sorted(stories, key=lambda story: story.published, reverse=True))

    @cached_property
    def tags(self) -> tuple[str, ...]:
        """Every tag, the most used first."""
        counted = Counter(tag for article in self.articles for tag in article.tags)
        return tuple(tag for tag, _ in counted.most_common())

    @property
    def edition_date(self) -> datetime:
        """The day of the newest story, which is the day on the front page."""
        return self.articles[0].published

    def front(self, edition: Edition) -> tuple[Article, ...]:
        """All stories, those of the edition first; the lead is its newest story with a picture."""
        own_first = sorted(self.articles, key=lambda story: story.edition != edition)
        lead = next(story for story in own_first if story.picture)
        return (lead, *(story for story in own_first if story is not lead))

    def find(self, section: str, slug: str) -> Article | None:
        """The story at this address, if there is one."""
        wanted = (story for story in self.articles if (story.section, story.slug) == (section, slug))
        return next(wanted, None)

    def in_section(self, section: str) -> tuple[Article, ...]:
        """The stories of a section."""
        return tuple(story for story in self.articles if story.section == section)

    def tagged(self, tag: str) -> tuple[Article, ...]:
        """The stories with a tag, given as it stands in addresses."""
        return tuple(story for story in self.articles if story.is_about(tag))

    def search(self, query: str) -> tuple[Article, ...]:
        """The stories that contain every word of the query, in the order of the archive."""
        words = query.casefold().split()
        if not words:
            return ()
        return tuple(story for story in self.articles if all(word in story.words for word in words))

    def see_also(self, article: Article, count: int = 3) -> tuple[Article, ...]:
        """The stories that share most tags with this one, filled up from its section."""
        others = (story for story in self.articles if story is not article)
        return tuple(sorted(others, key=lambda story: -_likeness(article, story))[:count])


def _likeness(one: Article, other: Article) -> int:
    return 2 * len({*one.tags} & {*other.tags}) + (one.section == other.section)
