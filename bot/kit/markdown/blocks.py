"""What a model writes, block by block → what Discord shows: code as it is, tables and formulas drawn, the rest by line.

A block depends on the text up to its end alone, and on one line more, so a growing text keeps what it has.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Final

from bot.kit.markdown import formulas, inline, tables
from bot.kit.markdown.tables import Table

PARAGRAPH_LIMIT: Final = 4000
"""Characters that are looked at as one paragraph; a longer one goes on in the next."""
_FORMULA_LIMIT: Final = 2000
_TABLE_LINES: Final = 400
_RULE: Final = "──────────"


@dataclass(frozen=True, slots=True)
class Block:
    """`shown`: what stands for the source from `start` to `end`. `whole`: more text can't change it.

    `wide`: a table that is read in a file; `shown` has its links alone then.
    """

    start: int
    end: int
    shown: str
    whole: bool
    wide: Table | None = None


@dataclass(slots=True)
class Reader:
    """Reads `source` block by block; `ended`: nothing follows on it. `cites`: as `inline.shown`.

    `cells`: what is in a table's cells, so that those of a growing one are read once.
    """

    source: str
    ended: bool
    cites: bool = True
    cells: dict[str, str] = field(default_factory=dict[str, str])
    at: int = 0

    def next(self) -> Block | None:
        """The block at `at`, which moves on behind it; None: there is no more."""
        if self.at >= len(self.source):
            return None
        start = self.at
        line, after = self._line(start)
        block = self._fence(start, line, after) or self._table(start, line, after) or self._formula(start, line)
        block = block or self._paragraph(start)
        self.at = block.end
        return block

    def _line(self, at: int) -> tuple[str, int]:
        """The line at `at` without its end, as far as a paragraph is looked at, and where the next one begins."""
        end = self.source.find("\n", at, at + PARAGRAPH_LIMIT)
        if end >= 0:
            return self.source[at:end], end + 1
        return self.source[at : at + PARAGRAPH_LIMIT], min(len(self.source), at + PARAGRAPH_LIMIT)

    def _is_cut(self, after: int) -> bool:
        """Whether the line that ends at `after` may still grow."""
        return not self.ended and after >= len(self.source) and not self.source.endswith("\n")

    def _fence(self, start: int, line: str, after: int) -> Block | None:
        found = FENCE_LINE.match(line)
        if found is None:
            held = not self.ended and after >= len(self.source) and _BEGINS_FENCE.fullmatch(line) is not None
            return Block(start, len(self.source), "", whole=False) if held else None
        if self._is_cut(after):
            return Block(start, len(self.source), "", whole=False)
        indent, mark, info = found[1], found[2], found[3].strip()
        closing = re.compile(rf"^[ >]*{re.escape(mark[0])}{{{len(mark)},}}[ \t]*$", re.MULTILINE)
        end = closing.search(self.source, after)
        code = self.source[after : end.start() if end else len(self.source)]
        if end is None:
            if not self.ended:
                code = _HALF_FENCE.sub("", code)
            finish = len(self.source)
        else:
            finish = min(len(self.source), end.end() + 1)
        whole = end is not None and not self._is_cut(finish)  # else its last line may go on
        if indent:  # which is the list's that it stands in, not the code's
            code = re.sub(rf"(?m)^ {{1,{len(indent)}}}", "", code)
        elif mark == inline.FENCE and end and inline.FENCE not in code:
            return Block(start, finish, self.source[start:finish], whole=whole)
        # Discord knows no other fences, ends one at the first three ticks, and takes one that never ends for text.
        shown = f"{indent}```{info}\n{code.replace(inline.FENCE, inline.NO_FENCE)}"
        if end:
            shown += f"{indent}```{self.source[end.end() : finish]}"
        elif self.ended:
            shown = f"{shown.rstrip()}\n{indent}```"
        return Block(start, finish, shown, whole=whole)

    def _table(self, start: int, line: str, after: int) -> Block | None:
        if "|" not in line:
            return None
        line, quoted = _unquoted(line)
        if after >= len(self.source):
            if not self.ended and line.lstrip().startswith("|"):
                return Block(start, len(self.source), "", whole=False)
            return None
        rule, below = self._line(after)
        rule, rule_quoted = _unquoted(rule)
        if self._is_cut(below):
            begins = _BEGINS_RULE.fullmatch(rule) is not None and line.lstrip().startswith("|")
            return Block(start, len(self.source), "", whole=False) if begins else None
        aligned = tables.alignment(line, rule) if rule_quoted == quoted else None
        if aligned is None:
            return None
        rows, at, whole = [line], below, False
        while at < len(self.source) and len(rows) < _TABLE_LINES:
            row, next_line = self._line(at)
            row, row_quoted = _unquoted(row)
            if "|" not in row or row_quoted != quoted:
                # What has not come to its end may become a row.
                whole = not self._is_cut(next_line) or bool(line.lstrip().startswith("|") and row.strip())
                break
            if self._is_cut(next_line):
                at = len(self.source)
                break
            rows.append(row)
            at = next_line
        else:
            whole = len(rows) >= _TABLE_LINES
        block = self._drawn(start, at if whole else max(at, len(self.source)), rows, aligned, whole=whole or self.ended)
        return replace(block, shown=_LINES.sub("> ", block.shown)) if quoted else block

    def _drawn(self, start: int, end: int, rows: list[str], aligned: str, *, whole: bool) -> Block:
        cells = [tables.cells_of(row)[: len(aligned)] for row in rows]
        cells = [row + [""] * (len(aligned) - len(row)) for row in cells]
        for cell in {cell for row in cells for cell in row} - self.cells.keys():
            self.cells[cell] = inline.plain(cell)
        table = Table([[self.cells[cell] for cell in row] for row in cells], aligned)
        links = list(
            dict.fromkeys(link for row in cells for cell in row if "](" in cell for link in inline.addresses(cell))
        )
        below = f"-# {' · '.join(links)}\n" if links else ""
        if table.width() > tables.WIDEST:
            return Block(start, end, below, whole=whole, wide=table)
        before = "" if start == 0 or self.source[start - 1] == "\n" else "\n"
        return Block(start, end, f"{before}```\n{table.drawn()}\n```\n{below}", whole=whole)

    def _formula(self, start: int, line: str) -> Block | None:
        found = _DISPLAY.match(line)
        if found is None:
            return None
        opening = found[1]
        inner = start + found.end()
        closing = {"$$": "$$", "\\[": "\\]"}.get(opening) or f"\\end{{{found[2]}}}"
        end = self.source.find(closing, inner, inner + _FORMULA_LIMIT)
        if end < 0:
            grows = not self.ended and len(self.source) - inner < _FORMULA_LIMIT
            return Block(start, len(self.source), "", whole=False) if grows else None
        after = end + len(closing)
        tail, finish = self._line(after)
        if tail.strip(" .,;。，；"):
            return None  # within a sentence
        latex = self.source[inner:end] if opening in ("$$", "\\[") else self.source[start + found.start(1) : after]
        if not latex.strip():
            return None
        said = formulas.in_unicode(latex.strip())
        ending = "\n" if self.source[finish - 1] == "\n" else ""
        if said is not None:
            return Block(start, finish, inline.escaped(said) + tail.rstrip() + ending, whole=not self._is_cut(finish))
        code = latex.strip("\n").replace("```", "'''")
        return Block(start, finish, f"```latex\n{code}\n```{ending}", whole=not self._is_cut(finish))

    def _paragraph(self, start: int) -> Block:
        """Lines up to an empty one, with that, or to one that begins another block."""
        at = start
        whole = False
        while at < len(self.source) and at - start < PARAGRAPH_LIMIT:
            line, after = self._line(at)
            if at > start and self._begins_block(line, after):
                whole = not self._is_cut(after)
                break
            at = after
            if not line.strip() and self.source[at - 1] == "\n":
                more = _EMPTY_LINES.match(self.source, at)
                at, whole = more.end() if more is not None else at, True
                break
        else:
            whole = at - start >= PARAGRAPH_LIMIT
        return Block(start, at, self._lines(self.source[start:at], whole=whole or self.ended), whole=whole)

    def _begins_block(self, line: str, after: int) -> bool:
        if FENCE_LINE.match(line) or _DISPLAY.match(line):
            return True
        if not self.ended and after >= len(self.source) and _BEGINS_FENCE.fullmatch(line):
            return True
        if "|" not in line:
            return False
        line, quoted = _unquoted(line)
        if after >= len(self.source):
            return not self.ended and line.lstrip().startswith("|")
        rule, below = self._line(after)
        rule, rule_quoted = _unquoted(rule)
        return (rule_quoted == quoted and tables.alignment(line, rule) is not None) or (
            self._is_cut(below) and line.lstrip().startswith("|") and _BEGINS_RULE.fullmatch(rule) is not None
        )

    def _lines(self, text: str, *, whole: bool) -> str:
        if not whole:
            text = text[: inline.unfinished(text)]
        if _LINE_MARKS.search(text) is not None:
            text = "\n".join(_line(line) for line in text.split("\n"))
        return inline.shown(text, cites=self.cites, grows=not whole)


def _unquoted(line: str) -> tuple[str, bool]:
    """A line without the marks of the quote that it stands in, if it does; whether it does."""
    found = _QUOTED.match(line)
    return (line, False) if found is None else (line[found.end() :], True)


def _line(line: str) -> str:
    """What begins a line and Discord does not know."""
    if (found := _HEADING.fullmatch(line)) is not None:
        said = found[1].replace("**", "").strip()
        return f"**{said}**" if said else ""
    if _RULER.fullmatch(line):
        return _RULE
    if (found := _ITEM.match(line)) is not None:
        mark = "-" if found[2] == "+" else found[2]
        box = {"[ ] ": "☐ ", "[x] ": "☑ ", "[X] ": "☑ ", None: ""}[found[3]]
        return f"{found[1]}{mark} {box}{line[found.end() :]}"
    if (found := _NOTE.match(line)) is not None:
        raised = formulas.superscript(found[1]) or f"[{found[1]}]"
        return f"{raised} {line[found.end() :]}"
    if (found := _QUOTE.match(line)) is not None:
        return "> " + line[found.end() :]
    return line


FENCE_LINE: Final = re.compile(r"^([ \t]{0,12})(`{3,16}|~{3,16})([^`\n]*)$", re.MULTILINE)
"""Its indent, its ticks or tildes, and what stands behind them."""
_BEGINS_FENCE: Final = re.compile(r"[ \t]{0,12}(?:`{1,2}|~{1,2}|`{3,16}|~{3,16})")
_HALF_FENCE: Final = re.compile(r"\n[ \t]*[`~]{1,16}$")
_BEGINS_RULE: Final = re.compile(r"[\s|:-]*")
_EMPTY_LINES: Final = re.compile(r"(?:[ \t]*\n)+")
_DISPLAY: Final = re.compile(r"^\s{0,12}(\$\$|\\\[|\\begin\{((?:equation|align|gather|aligned|multline|cases)\*?)\})")
_LINE_MARKS: Final = re.compile(
    r"(?m)^[ \t]{0,12}(?:#{4,6}[ \t]|(?:[-*+]|\d{1,9}[.)]) \[[ xX]\] |\+ |[-*_]{3}|[*_-] [*_-]|\[\^|>(?: ?$|[ \t]*>))"
)
_HEADING: Final = re.compile(r"[ \t]{0,3}#{4,6}[ \t]+(.*?)(?:[ \t]+#+)?[ \t]*")
_RULER: Final = re.compile(r"[ \t]{0,3}([-*_])(?:[ \t]*\1){2,}[ \t]*")
_ITEM: Final = re.compile(r"([ \t]{0,24})([-*+]|\d{1,9}\.) +(\[[ xX]\] )?")
_NOTE: Final = re.compile(r"[ \t]{0,3}\[\^([\w-]{1,20})\]:[ \t]*")
_QUOTED: Final = re.compile(r"[ \t]{0,3}>[ \t>]*")
_LINES: Final = re.compile(r"^(?=.)", re.MULTILINE)
_QUOTE: Final = re.compile(r"[ \t]{0,3}>(?:(?:[ \t]*>)+ ?| ?$)")
