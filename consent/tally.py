"""How often something was met, where first and when; does not know what it is."""


class Tally:
    """Counts one thing. Several threads may lose a count among them; there is no lock to wait for."""

    __slots__ = ("count", "first", "last", "where")

    def __init__(self, now: float, where: str = "") -> None:
        self.count = 0
        self.first = self.last = now
        self.where = where

    def again(self, now: float) -> None:
        """It was met at ``now`` (Unix seconds)."""
        self.count += 1
        self.last = now
