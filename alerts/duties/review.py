"""Shell. A report that nobody reviewed in its time becomes the reviewer's work."""

from __future__ import annotations

from sqlalchemy import select, update

from alerts.duties.book import Book
from alerts.duties.tables import duty_instances, reports
from alerts.duties.words import unreviewed_line
from alerts.duties.work import Wanted
from vocab.instant import seconds_ms
from vocab.strict_toml import Text

SUBMITTED = "submitted"


def ask_for_reviews(book: Book) -> None:
    """One ticket per reviewing unit and schedule, with a line for each report that waits too long."""
    waiting = (
        select(reports, duty_instances.c.overdue_ms)
        .join(duty_instances, duty_instances.c.id == reports.c.instance)
        .where(reports.c.site == book.site.id, reports.c.state == SUBMITTED, reports.c.ticket.is_(None))
    )
    for row in book.connection.execute(waiting).all():
        schedule = book.site.duties.schedules.get(row.schedule)
        if schedule is None or schedule.review is None or schedule.review_s is None:
            continue
        due_ms = max(row.submitted_ms, row.overdue_ms) + seconds_ms(schedule.review_s)
        if due_ms >= book.now_ms:
            continue
        unit = book.site.org.units[schedule.review]
        title = Text(en=f"Not reviewed: {schedule.name.en}", zh=f"未审核：{schedule.name.zh}")
        wanted = Wanted(f"{schedule.id}:review", schedule.miss, title, unit.place, unit.id, f"schedule:{schedule.id}")
        ticket = book.works.ask(wanted, unreviewed_line(schedule, row.prepared_by), due_ms)
        book.connection.execute(update(reports).where(reports.c.id == row.id).values(ticket=ticket))
