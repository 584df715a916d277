"""One more state of a picture or video: made, but its file could not be fetched.

Reason: a link that leads nowhere is no delivery; such an order has ended, and its file can be asked for again.
"""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_ENDED = "'delivered', 'dropped', 'unknown', 'failed', 'expired', 'cancelled', 'unfetched'"
_RULES = {
    "ck_generations_state": f"state IN ('queued', 'submitting', 'running', 'generated', {_ENDED})",
    "ck_generations_ended": f"(state IN ({_ENDED})) = (ended_at IS NOT NULL)",
}


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _make_anew()
        return
    for name, rule in _RULES.items():
        op.execute(f"ALTER TABLE generations DROP CONSTRAINT {name}, ADD CONSTRAINT {name} CHECK ({rule})")


def _make_anew() -> None:
    """SQLite changes no constraint of a table that is there: one like it takes its rows, its name and its numbers.

    The twelve steps of https://sqlite.org/lang_altertable.html#otheralter; `env.py` has foreign keys off meanwhile.
    """
    run = op.get_bind().exec_driver_sql
    made = str(run("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = 'generations'").scalar_one())
    indexes = run("SELECT sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'generations' AND sql > ''")
    make_indexes = [str(sql) for sql in indexes.scalars()]
    last_id = run("SELECT seq FROM sqlite_sequence WHERE name = 'generations'").scalar()
    head, columns = made.split("(", 1)
    widened = columns.replace("'cancelled')", "'cancelled', 'unfetched')")
    if columns.count("'cancelled')") != len(_RULES):
        msg = f"the table is not as it was made: {head}"
        raise RuntimeError(msg)
    run(f"CREATE TABLE generations_anew ({widened}")
    run("INSERT INTO generations_anew SELECT * FROM generations")
    if last_id is not None:
        # Not the highest that is left: an id is never used a second time.
        run("DELETE FROM sqlite_sequence WHERE name = 'generations_anew'")
        run("INSERT INTO sqlite_sequence (name, seq) VALUES ('generations_anew', ?)", (last_id,))
    run("DROP TABLE generations")
    run("ALTER TABLE generations_anew RENAME TO generations")
    for sql in make_indexes:
        run(sql)
