"""Pure. When a campaign and its phases are: by their schedules in its year, so that no date is told twice."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from zoneinfo import ZoneInfo

from alerts.duties.due import Days, Instance, scheduled
from vocab.campaign import Campaign
from vocab.duties import Once, Schedule
from vocab.site import Site

Span = tuple[int, int]  # [from, to) in ms


def asked_once(site: Site, campaign: Campaign, schedule: Schedule, subject: str) -> Instance:
    """The one time that a schedule of a phase asks in the campaign's year; what is `once` may open the year before."""
    days = Days(ZoneInfo(site.file.timezone), _unasked)
    begin = 0 if isinstance(schedule.when, Once) else days.midnight(date(campaign.year, 1, 1))
    return scheduled(schedule, subject, days, begin, days.midnight(date(campaign.year + 1, 1, 1)))[0]


def span_of(site: Site, campaign: Campaign, schedules: Iterable[str]) -> Span:
    """From the first day of some of its schedules to their last."""
    found = [asked_once(site, campaign, site.duties.schedules[name], "") for name in schedules]
    return min(each.due_from_ms for each in found), max(each.due_to_ms for each in found)


def whole(site: Site, campaign: Campaign) -> Span:
    """From the first day of its first phase to the last day of its last."""
    return span_of(site, campaign, [name for phase in campaign.phase for name in phase.schedules])


def state_of(span: Span, now_ms: int) -> str:
    """coming, running or over."""
    return "coming" if now_ms < span[0] else "running" if now_ms < span[1] else "over"


def _unasked(_day: date) -> bool:
    raise AssertionError("a date of a year asks for no calendar of working days")
