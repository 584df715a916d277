"""The figures beside their goals, and beside the bare bot's of the same run."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.bench.rounds import Case
    from tests.bench.starts import Starts

LIMIT: Final = (0.35, 0.05)
"""No bot can be quicker (first text, last-text lag): the way to the bot, the first token, the way back."""
GOALS: Final = {1: (0.37, 0.07), 10: (0.40, 0.10), 30: (0.45, 0.15), 100: (0.60, 0.30)}
CPU_GOAL: Final = 0.02
START_GOAL: Final = 0.9
MEMORY_GOALS: Final = {"sqlite": 80.0, "postgresql": 105.0}
SATURATED: Final = 0.9

_HEAD: Final = f"{'':34}{'goal':>8}{'median':>9}{'worst':>9}  {'':7}{'bare':>8}{'worst':>9}{'ratio':>8}"


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table. `values` are the bot's, `bare` the yardstick's; the goal is for the median."""

    name: str
    values: Sequence[float]
    goal: float | None = None
    bare: Sequence[float] = ()
    digits: int = 3

    @property
    def missed(self) -> bool:
        return self.goal is not None and statistics.median(self.values) > self.goal

    def line(self) -> str:
        def shown(value: float | None) -> str:
            return "" if value is None else f"{value:.{self.digits}f}"

        median = statistics.median(self.values)
        bare = statistics.median(self.bare) if self.bare else None
        verdict = "" if self.goal is None else "MISSED" if self.missed else "ok"
        ratio = "" if not bare else f"{median / bare:.2f}×"
        worst = max(self.values) if len(self.values) > 1 else None
        bare_worst = max(self.bare) if len(self.bare) > 1 else None
        return (
            f"  {self.name:<32}{shown(self.goal):>8}{shown(median):>9}{shown(worst):>9}  {verdict:<7}"
            f"{shown(bare):>8}{shown(bare_worst):>9}{ratio:>8}"
        ).rstrip()


def print_case(case: Case, bare: Case | None, *, listening: Sequence[float] = ()) -> int:
    """Prints one case; how many goals were missed. `listening`: see `ApiProcess.price_of_listening`."""
    first, lag = GOALS.get(case.people, (None, None))
    seen, other = case.seen, bare.seen if bare else []
    figures = [
        Figure("first text, s", [each.first_text for each in seen], first, [each.first_text for each in other]),
        Figure("last-text lag, s", [each.last_lag for each in seen], lag, [each.last_lag for each in other]),
        Figure("429s", [case.rate_limited], 0, [bare.rate_limited] if bare else (), 0),
        Figure("CPU an answer, s", case.cpu_an_answer, CPU_GOAL, bare.cpu_an_answer if bare else (), 4),
        Figure("command to API request, s", [each.api_after for each in seen], None, [e.api_after for e in other]),
        Figure("edits a message", [each.edits for each in seen], None, [each.edits for each in other], 1),
        Figure(
            "memory at its most, MiB",
            [load.peak_rss for load in case.loads],
            None,
            [load.peak_rss for load in bare.loads] if bare else (),
            1,
        ),
        Figure("connections to the API", [case.connections], None, [bare.connections] if bare else (), 0),
        Figure(
            "first answer after a start: text",
            [each.first_text for each in case.after_start],
            None,
            [each.first_text for each in bare.after_start] if bare else (),
        ),
        Figure(
            "first answer after a start: lag",
            [each.last_lag for each in case.after_start],
            None,
            [each.last_lag for each in bare.after_start] if bare else (),
        ),
    ]
    people = f"{case.people} people" if case.people > 1 else "1 person"
    places = f"{case.channels} channels" if case.channels > 1 else "one channel"
    print(f"\n{people} in {places}, {len(seen)} answers (limit {LIMIT[0]} / {LIMIT[1]} s)")
    print(_HEAD)
    for figure in figures:
        print(figure.line())
    if listening:
        print(
            f"    a process that only reads the stream, on this machine now: {statistics.median(listening):.4f} s CPU "
            "an answer (many at once share their wake-ups)"
        )
    for name, one in (("OneKey", case), ("bare", bare)):
        if one is not None:
            _print_shares(name, one)
    return sum(figure.missed for figure in figures)


def _print_shares(name: str, case: Case) -> None:
    shares = ", ".join(
        f"{who} {case.mean_share(who):.0%} (peak {case.peak_share(who):.0%})" for who in ("bot", "discord", "api")
    )
    late = max(load.late_most for load in case.loads), max(load.late_worst for load in case.loads)
    print(
        f"    {name}: of one core {shares}; others {case.mean_share('others'):.0%}; "
        f"Discord's loop late {late[0] * 1000:.0f} ms (99 %), {late[1] * 1000:.0f} ms (worst)"
    )
    for who in ("discord", "api"):
        if case.peak_share(who) > SATURATED:
            print(f"    ! the {who} stand-in was saturated for a tenth of a second: part of the time above is its own")


def print_starts(starts: dict[str, Starts], bare: Starts | None) -> int:
    """Prints starts and idle memory by database; how many goals were missed."""
    print("\nstart, warm DATA_DIR, and idle memory")
    print(_HEAD)
    missed = 0
    for database, found in starts.items():
        for figure in (
            Figure(f"READY received, s, {database}", found.ready, START_GOAL, bare.ready if bare else ()),
            Figure("  CPU until then, s", found.cpu, None, bare.cpu if bare else ()),
            Figure(
                f"idle memory, MiB, {database}",
                found.idle_rss,
                MEMORY_GOALS[database],
                bare.idle_rss if bare else (),
                1,
            ),
        ):
            print(figure.line())
            missed += figure.missed
    return missed
