"""What all tables are made of: their metadata, and the types of columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import BigInteger, Integer, MetaData, Text, TypeDecorator

if TYPE_CHECKING:
    from sqlalchemy.engine import Dialect

DAILY_KINDS: Final = ("ask", "imagine", "video")
SCOPES: Final = ("server", "category", "channel")


class CleanText(TypeDecorator[str]):
    """Text that both databases can keep: PostgreSQL refuses NUL, and neither encodes a lone surrogate."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - SQLAlchemy's signature
        if value is None or value.isascii():
            return value if value is None or "\0" not in value else value.replace("\0", "")
        return value.replace("\0", "").encode("utf-8", "replace").decode("utf-8")


def one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


# SQLite numbers rows by itself only in a column declared INTEGER, which holds 64 bits there.
RowId = BigInteger().with_variant(Integer(), "sqlite")

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
