"""The tables that records are kept in, as SQLAlchemy describes them; knows no engine."""

from typing import Final

from sqlalchemy import BigInteger, Column, MetaData, SmallInteger, String, Table, Text
from sqlalchemy.dialects.mysql import MEDIUMTEXT

metadata: Final = MetaData()
"""The tables, for a site's own migrations: Alembic's ``target_metadata = [Base.metadata, metadata]``."""

notices: Final = Table(
    "consent_notices",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("body", Text().with_variant(MEDIUMTEXT, "mysql", "mariadb"), nullable=False),
)
"""What visitors saw, once per text."""

records: Final = Table(
    "consent_records",
    metadata,
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("id", String(36), unique=True),
    Column("notice", String(64)),
    Column("previous", String(64), nullable=False),
    Column("payload", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    Column("body", Text),
)
"""The chain."""

head: Final = Table(
    "consent_head",
    metadata,
    Column("id", SmallInteger, primary_key=True, autoincrement=False),
    Column("position", BigInteger, nullable=False),
    Column("hash", String(64), nullable=False),
)
"""The end of the chain: one row, which whoever appends locks."""
