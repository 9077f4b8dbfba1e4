"""Pure. What every paper needs besides its tickets: names of people and places, words in both languages, local time."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from alerts.paper.case import Case
from alerts.paper.model import Language
from alerts.tickets.commands import SYSTEM
from alerts.tickets.model import Proof, Source
from vocab.instant import from_ms
from vocab.ownership import fallback_of
from vocab.rule import Category, Grade, Rule
from vocab.site import Asset, Site
from vocab.strict_toml import Text
from vocab.taxonomy import OTHER

_SOURCES = {
    Source.SENSOR: Text(en="Sensor", zh="传感器监测"),
    Source.PATROL: Text(en="Patrol", zh="巡查"),
    Source.RESIDENT: Text(en="Resident", zh="群众举报"),
    Source.CAMPAIGN: Text(en="Self-inspection", zh="自查"),
    Source.SCHEDULE: Text(en="Missed duty", zh="到期未办"),
}
_CATEGORIES = {
    Category.HAZARD.value: Text(en="Safety hazard", zh="安全隐患"),
    Category.SANITATION.value: Text(en="Sanitation", zh="环境卫生"),
    Category.MAINTENANCE.value: Text(en="Maintenance", zh="设备维护"),
}
_GRADES = {Grade.GENERAL: Text(en="General", zh="一般"), Grade.MAJOR: Text(en="Major", zh="重大")}
_PROOFS = {
    Proof.NONE: Text(en="", zh=""),
    Proof.PENDING: Text(en="Sensor has not confirmed yet", zh="待传感器确认"),
    Proof.VERIFIED: Text(en="Confirmed by the sensor", zh="传感器已验证恢复"),
    Proof.UNVERIFIED: Text(en="Closed, UNVERIFIED", zh="已关闭，未经验证"),
}
_PRIORITIES = {
    1: Text(en="1 (extremely urgent)", zh="特急"),
    2: Text(en="2 (urgent)", zh="紧急"),
    3: Text(en="3 (ordinary)", zh="一般"),
    4: Text(en="4 (notice)", zh="提示"),
}
_PHONES = ("phone", "mobile", "voice", "sms")  # channels whose address is a telephone number


@dataclass(frozen=True)  # no slots: what follows from the site is worked out once
class Context:
    """For whom, when and by whom a paper is made. Names that are empty are left to a pen."""

    site: Site
    now_ms: int
    language: Language = "zh"
    preparer: str = ""
    reviewer: str = ""
    seen: frozenset[str] | None = None  # the grids of whoever asks; None: all
    zone: ZoneInfo = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "zone", ZoneInfo(self.site.file.timezone))

    # --- words -----------------------------------------------------------------------------------------------------

    def say(self, en: str, zh: str) -> str:
        """In the language of the paper."""
        return zh if self.language == "zh" else en

    def of(self, text: Text | None) -> str:
        """The same of a text of the packs or the site."""
        return "" if text is None else self.say(text.en, text.zh)

    @property
    def signs(self) -> tuple[tuple[str, str], ...]:
        """Who filled it in, who reviewed it, and the day of signing, which is written by hand."""
        return (
            (self.say("Prepared by", "填表人"), self.person(self.preparer)),
            (self.say("Reviewed by", "审核人"), self.person(self.reviewer)),
            (self.say("Date", "日期"), ""),
        )

    @property
    def printed(self) -> str:
        """For the foot of every page."""
        moment = self.moment(self.now_ms)
        assert moment is not None  # noqa: S101 - it is of an int
        return self.say("Printed ", "生成时间：") + moment.strftime("%Y-%m-%d %H:%M")

    # --- time ------------------------------------------------------------------------------------------------------

    def moment(self, at_ms: int | None) -> datetime | None:
        """By the site's clock, without offset, to the minute."""
        if at_ms is None:
            return None
        return from_ms(at_ms).astimezone(self.zone).replace(tzinfo=None, second=0, microsecond=0)

    def exact(self, at_ms: int) -> datetime:
        """By the site's clock, to the second."""
        return from_ms(at_ms).astimezone(self.zone).replace(tzinfo=None, microsecond=0)

    def day(self, at_ms: int | None) -> date | None:
        """By the site's calendar."""
        moment = self.moment(at_ms)
        return None if moment is None else moment.date()

    def span(self, from_ms: int, to_ms: int) -> str:
        """The days of [from_ms, to_ms)."""
        first, last = self.day(from_ms), self.day(max(from_ms, to_ms - 1))
        return self.say(f"{first} to {last}", f"{first} 至 {last}")

    # --- people and places -----------------------------------------------------------------------------------------

    def person(self, name: str) -> str:
        """Of somebody in org.toml their name there, of a unit its own, otherwise the name as it was signed."""
        if name == SYSTEM:
            return self.say("system", "系统")
        found = self.site.org.people.get(name) or self.site.org.units.get(name)
        return name if found is None else self.of(found.name)

    def unit(self, unit: str) -> str:
        """The same of a unit; the site itself where it has no organisation."""
        found = self.site.org.units.get(unit)
        if found is not None:
            return self.of(found.name)
        return self.of(self.site.file.name) if unit == self.site.id else unit

    def unit_of(self, person: str) -> str:
        """The name of somebody's unit."""
        found = self.site.org.people.get(person)
        return "" if found is None else self.unit(found.unit)

    def phone(self, person: str) -> str:
        """Their telephone number, if the site's organisation has one."""
        found = self.site.org.people.get(person)
        numbers = () if found is None else (each.address for each in found.contacts if each.channel in _PHONES)
        return next(iter(numbers), "")

    def committee(self, grid: str) -> str:
        """The unit that answers for a grid as a whole (属地): its committee; the site itself without an org.toml."""
        found = fallback_of(self.site.org, grid)
        return self.site.id if found is None else found.id

    def address(self, place: str) -> str:
        """A place with all around it, the widest first."""
        names = [self.of(self.site.org.places[each].name) for each in self.site.org.climb(place)]
        return self.say(", ".join(names), "".join(reversed(names)))

    def grid(self, grid: str) -> str:
        """The name of a grid."""
        return self.of(self._grids.get(grid)) or grid

    @cached_property
    def _grids(self) -> dict[str, Text]:
        return {grid.id: grid.name for grid in self.site.file.grid}

    # --- tickets ---------------------------------------------------------------------------------------------------

    def asset(self, case: Case) -> Asset | None:
        """Its equipment, if it is about any that the site still has."""
        try:
            return self.site.asset(case.asset)
        except KeyError:
            return None

    def rule(self, case: Case) -> Rule | None:
        """The rule that found it."""
        pack = self.site.packs.get(case.kind)
        return None if pack is None else pack.rules.get(case.rule)

    def campaign(self, name: str) -> tuple[str, str]:
        """Of a campaign its name, and the document that it rests on; its id alone where the site has dropped it."""
        found = self.site.duties.campaigns.get(name)
        if found is None:
            return name, ""
        basis = found.basis
        title = self.say(f"“{basis.name.en}”", f"《{basis.name.zh}》")
        parts = (title, basis.number, basis.issued.isoformat())
        return self.of(found.name), self.say(", ".join(each for each in parts if each), "，".join(filter(None, parts)))

    def spot(self, case: Case) -> str:
        """Where it is, in words."""
        asset = self.asset(case)
        where = case.address or ("" if asset is None else self.of(asset.location))
        parts = [part for part in (self.grid(case.grid), where) if part]
        return self.say(", ".join(reversed(parts)), "，".join(parts))

    def sector_of(self, case: Case) -> str:
        """The id of the sector of public safety."""
        work = case.work
        return work.sector or self.site.taxonomy.of(work.category, case.hazard, case.kind)

    def type_of(self, case: Case) -> str:
        """What sort of hazard: its sector, and its equipment where there is any."""
        pack, sector = self.site.packs.get(case.kind), self.sector_of(case)
        named = self.of(self.site.taxonomy.name(sector))
        if pack is None or self.of(pack.name) == named:
            return named
        kind = self.of(pack.name)
        return kind if sector == OTHER else self.say(f"{named} ({kind})", f"{named}（{kind}）")

    def joint(self, case: Case) -> str:
        """Who took part in the newest inspection: units, and what their people there were."""
        told = []
        for each in case.work.joint:
            names = [self.of(role.name) for name in each.roles if (role := self.site.org.roles.get(name)) is not None]
            roles = self.say(", ", "、").join(names)
            told.append(self.unit(each.unit) + (self.say(f" ({roles})", f"（{roles}）") if roles else ""))
        return self.say("; ", "；").join(told)

    def category(self, case: Case) -> str:
        """Whose work it is."""
        return self.of(_CATEGORIES.get(case.work.category)) or case.work.category

    def grade(self, grade: Grade) -> str:
        """General or major."""
        return self.of(_GRADES[grade])

    def source(self, source: Source) -> str:
        """How it was found."""
        return self.of(_SOURCES[source])

    def proof(self, proof: Proof) -> str:
        """What the sensor says of the repair."""
        return self.of(_PROOFS[proof])

    def priority(self, priority: int) -> str:
        """How urgent."""
        return self.of(_PRIORITIES.get(priority)) or str(priority)
