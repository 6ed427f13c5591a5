"""Opens a database that a command line names by its URL; with the extra ``sql``."""

from pathlib import Path

from sqlalchemy import make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from consent.errors import ConfigurationError


def engine_at(address: str, *, option: str) -> AsyncEngine:
    """An engine for the database at ``address``, which may hold a password and is not shown; makes none.

    Raises `ConfigurationError` for what is no URL of a database, and for a driver that is not there.
    """
    try:
        url = make_url(address)
        if url.get_backend_name() != "sqlite" or Path(url.database or "").is_file():
            return create_async_engine(url)
    except ModuleNotFoundError as error:
        raise ConfigurationError(option, f"the driver {error.name!r} is not installed.") from None
    except (SQLAlchemyError, TypeError, ValueError):
        allowed = "one with an asynchronous driver, such as postgresql+asyncpg://user@host/name"
        raise ConfigurationError(
            option, f"the URL (not shown) cannot be used; allowed is {allowed}."
        ) from None
    raise ConfigurationError(option, f"there is no file {url.database!r}.")
