"""Shell. Supplies: counted or moved by somebody; below the minimum is a ticket, above it the ticket is settled."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, insert, select

from alerts.duties.book import Book, NoSuchDutyError
from alerts.duties.tables import stock_moves
from alerts.duties.words import low_stock, settled_line
from alerts.duties.work import Wanted
from alerts.errors import WrongOrderError
from vocab.duties import StockItem

_S = stock_moves.c


@dataclass(frozen=True, slots=True)
class Move:
    """A change of what is there, or (`counted`) what somebody counted."""

    item: str
    by: str
    change: float | None = None
    counted: float | None = None
    note: str = ""


def levels(book: Book) -> dict[str, float]:
    """What is there of each item that somebody has counted."""
    newest = select(func.max(_S.id)).where(_S.site == book.site.id).group_by(_S.item)
    rows = book.connection.execute(select(_S.item, _S.level).where(_S.id.in_(newest)))
    return {row.item: row.level for row in rows if row.item in book.site.duties.stock}


def move(book: Book, order: Move) -> float:
    """Write it down; the level afterwards."""
    item = book.site.duties.stock.get(order.item)
    if item is None:
        raise NoSuchDutyError(f"no stock item {order.item!r}")
    before = levels(book).get(item.id, 0.0)
    level = order.counted if order.counted is not None else before + (order.change or 0.0)
    if level < 0:
        raise WrongOrderError("below_zero", f"only {before:g} are there")
    row = {"site": book.site.id, "item": item.id, "change": level - before, "level": level, "at_ms": book.now_ms}
    book.connection.execute(insert(stock_moves).values(**row, by=order.by, note=order.note))
    _judge(book, item, level, order.by)
    return level


def _judge(book: Book, item: StockItem, level: float, by: str) -> None:
    line = low_stock(item.name, item.unit_text, level, item.minimum)
    unit = book.site.org.units[item.unit]
    wanted = Wanted(f"stock:{item.id}", item.miss, line, unit.place, unit.id, f"stock:{item.id}")
    if level < item.minimum:
        book.works.ask(wanted, line, book.now_ms)
        return
    ticket = book.works.open_of(wanted)
    if ticket is not None:
        book.works.settle(ticket, by, settled_line(by))
