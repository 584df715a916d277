"""What is remembered for a while: how many, how long, and what goes first."""

from __future__ import annotations

import pytest

from bot.recent import Recent


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr("bot.recent.time", made)
    return made


@pytest.mark.parametrize(
    ("bound", "put", "left"),
    [
        (3, "", ""),
        (3, "abc", "abc"),
        (3, "abcd", "bcd"),
        (3, "abcad", "cad"),  # put again, it is the newest
        (3, "aaaa", "a"),  # and takes no second place
        (1, "abca", "a"),
    ],
)
def test_the_oldest_is_forgotten_first(bound: int, put: str, left: str) -> None:
    recent: Recent[str, int] = Recent(bound)
    for number, key in enumerate(put):
        recent.put(key, number)
    assert list(recent.items()) == [(key, put.rindex(key)) for key in left]
    assert [key for key in sorted(set(put)) if key in recent] == sorted(left)
    assert [key for key in sorted(set(put)) if recent.get(key) is not None] == sorted(left)


@pytest.mark.parametrize(
    ("seconds", "own", "later", "holds"),
    [
        (None, None, 1e9, True),
        (10, None, 9.9, True),
        (10, None, 10, False),
        (10, 20, 19.9, True),
        (10, 5, 5, False),
        (None, 5, 5, False),
        (10, 0, 0, False),
        (10, -3, 0, False),
    ],
)
def test_each_lives_its_while(
    clock: Clock, seconds: float | None, own: float | None, later: float, holds: bool
) -> None:
    recent: Recent[str, int] = Recent(10) if seconds is None else Recent(10, seconds=seconds)
    recent.put("a", 1, seconds=own)
    clock.now += later
    found = ("a" in recent, recent.get("a"), list(recent.items()), recent.pop("a"))
    assert found == ((True, 1, [("a", 1)], 1) if holds else (False, None, [], None))


def test_to_look_is_not_to_renew(clock: Clock) -> None:
    recent: Recent[str, int] = Recent(2, seconds=10)
    recent.put("a", 1)
    clock.now += 6
    recent.put("b", 2)
    assert recent.get("a") == 1
    recent.put("c", 3)
    assert "a" not in recent
    clock.now += 6
    recent.put("b", 4)  # and to put is
    clock.now += 6
    assert list(recent.items()) == [("b", 4)]


def test_nothing_is_something_too() -> None:
    """What is only ticked off has None as its value."""
    recent: Recent[int, None] = Recent(2)
    recent.put(1, None)
    assert 1 in recent
    assert 2 not in recent
    assert recent.pop(1) is None
    assert 1 not in recent
    assert recent.pop(1) is None
