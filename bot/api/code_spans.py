"""Whether the end of what was seen of an answer lies in code."""

from __future__ import annotations

from typing import Final

_FENCE: Final = 3


class Code:
    """CommonMark's fences and spans, as far as a stream can tell."""

    __slots__ = ("_fence", "_run", "_run_in_line", "_span", "has_opening", "in_line", "suspect")

    def __init__(self) -> None:
        self.in_line = False  # whether anything but space stands before in this line
        self.suspect: list[str] | None = None
        """What was written after a closing tag in code that is still open."""
        self.has_opening = False  # whether an opening tag stands in this code
        self._fence = ""  # the run that opened it
        self._span = 0  # how many backticks opened it
        self._run = ""  # backticks or tildes that may go on
        self._run_in_line = False

    @property
    def is_open(self) -> bool:
        return bool(self._fence or self._span)

    def see(self, plain: str) -> None:
        """Text without marks."""
        if plain:
            if self._run:
                self._resolve(plain)
            self.in_line = self.in_line or not plain.isspace()

    def pass_(self, tag: str) -> bool:
        """A tag; returns whether it stands in code."""
        self._resolve(tag)
        self.in_line = True
        return self.is_open

    def mark(self, ticks: str | None, line: str | None) -> bool:
        """Backticks, tildes or a new line. True: what seemed to be code up to here was none."""
        if line is not None:
            self._resolve(line)
            was_none = bool(self._span) and not self.in_line  # a span does not go over an empty line
            if was_none:
                self._span = 0
                self.has_opening = False
            self.in_line = False
            return was_none
        if ticks is not None:
            if self._run and ticks[0] == self._run[0]:
                # As long as a fence may be; what is longer tells nothing more.
                self._run = (self._run + ticks)[:64]
                return False
            self._resolve(ticks)
            self._run, self._run_in_line = ticks[:64], self.in_line
            self.in_line = True
        return False

    def _resolve(self, after: str) -> None:
        """A run of backticks or tildes is over: what it opened or closed."""
        run, self._run = self._run, ""
        if not run:
            return
        at_start = not self._run_in_line
        if self._fence:
            if at_start and run.startswith(self._fence) and after[:1].isspace():
                self._fence = ""
        elif at_start and len(run) >= _FENCE:
            self._fence, self._span = run, 0
        elif run[0] == "`" and self._span in {0, len(run)}:
            self._span = 0 if self._span else len(run)
        if not self.is_open:
            self.suspect = None
            self.has_opening = False
