"""The errors a site's developer can meet; a visitor's input never raises any of them."""


class ConsentError(Exception):
    """The root of every error that this package raises on purpose."""


class ConfigurationError(ConsentError, ValueError):
    """Settings that cannot be used, told in one sentence: where, what came, what is allowed.

    ``place`` names where it stands, the widest first (``consent.toml, category[1].service[0], Service
    'counter'``), ``problem`` is the rest of the sentence.
    """

    def __init__(self, place: str, problem: str) -> None:
        super().__init__(f"{place}: {problem}")
        self.place = place
        self.problem = problem

    def within(self, place: str) -> "ConfigurationError":
        """The same error, seen from one level further out."""
        return ConfigurationError(f"{place}, {self.place}", self.problem)


class InvalidDecisionError(ConsentError, ValueError):
    """A decision that cannot be understood; the endpoint answers it with 400 and this sentence."""


class RecordsError(ConsentError):
    """A record could not be kept; a grant that needs it does not take effect."""
