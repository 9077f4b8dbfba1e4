"""Pure. To which campaign a ticket belongs that somebody files: the one that they name, or the only one that fits."""

from __future__ import annotations

from alerts.campaigns.dates import whole
from alerts.errors import WrongOrderError
from alerts.tickets.model import Source
from vocab.campaign import Campaign
from vocab.ownership import fallbacks
from vocab.site import Site


def belongs_to(site: Site, named: str, source: Source, about: tuple[str, str], now_ms: int) -> str | None:
    """Its id; None: to none. `about` is the ticket's grid and category. WrongOrderError where that cannot be."""
    if named:
        campaign = site.duties.campaigns.get(named)
        if campaign is None:
            raise WrongOrderError("unknown_name", f"no campaign {named!r}")
        if not is_about(site, campaign, *about):
            raise WrongOrderError("not_of_the_campaign", f"{named} is about other categories, or other committees")
        begins_ms, ends_ms = whole(site, campaign)
        if not begins_ms <= now_ms < ends_ms:
            raise WrongOrderError("campaign_not_running", f"{named} is not running now")
        return campaign.id
    if source is not Source.CAMPAIGN:
        return None
    found = [each.id for each in site.duties.campaigns.values() if _fits(site, each, about, now_ms)]
    if len(found) > 1:
        raise WrongOrderError("which_campaign", f"several campaigns are running: {', '.join(found)}")
    return found[0] if found else None


def is_about(site: Site, campaign: Campaign, grid: str, category: str) -> bool:
    """Whether it may have such a ticket: of its categories, where one of its committees is."""
    mine = any(unit.id in campaign.units for unit in fallbacks(site.org, grid))
    return mine and category in [each.value for each in campaign.categories]


def _fits(site: Site, campaign: Campaign, about: tuple[str, str], now_ms: int) -> bool:
    begins_ms, ends_ms = whole(site, campaign)
    return begins_ms <= now_ms < ends_ms and is_about(site, campaign, *about)
