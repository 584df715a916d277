"""Spreadsheets (XLSX, XLSB, XLS, ODS): what their cells show, a row a line, with tabs between them."""

from __future__ import annotations

import datetime as dt
import io
from typing import TypeAlias

from python_calamine import CalamineError, CalamineWorkbook, PasswordError

from bot.documents.answer import Answer, Unreadable, check_time

Cell: TypeAlias = int | float | str | bool | dt.time | dt.date | dt.datetime | dt.timedelta


def read(data: bytes, answer: Answer) -> None:
    """Write the sheets in their order. Unreadable: they are locked, or damaged."""
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    except PasswordError:
        raise Unreadable("encrypted") from None
    except CalamineError:
        raise Unreadable("damaged") from None
    for name in book.sheet_names:
        title = f"## {name}\n"
        for row in book.get_sheet_by_name(name).iter_rows():
            check_time()
            if line := "\t".join(map(_shown, row)).rstrip("\t"):
                answer.write(f"{title}{line}\n")
                title = ""


def _shown(cell: Cell) -> str:
    match cell:
        case str():
            return " ".join(cell.split())
        case bool():
            return "TRUE" if cell else "FALSE"
        case float():
            return f"{cell:.15g}"
        case dt.datetime():
            return cell.isoformat(" ")
        case _:
            return str(cell)
