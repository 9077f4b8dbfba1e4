"""Pure. Which right every address of the API needs: one table, so that none can be forgotten.

What is not in the table needs an administrator if it changes something, and the right to see if it does not; a test
tells every address that is missing here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from alerts.access.rights import Action


class Of(StrEnum):
    """Whose place counts."""

    SITE = "site"  # the right must reach the whole site
    SOMEWHERE = "somewhere"  # any place will do; lists are narrowed to what somebody may see
    TICKET = "ticket"  # the grid of what the path names
    ALARM = "alarm"
    ASSET = "asset"  # of the path, or of the query
    SCOPE = "scope"  # every grid that the body's assets and grids name; the site if it names none
    WINDOW = "window"  # the same of a maintenance window
    ROSTER = "roster"  # every place of the people on the roster that the body, or the change of the path, names
    DUTY = "duty"  # of the path, the query or the body
    REPORT = "report"
    TRIGGER = "trigger"  # of the path, or the body
    MODE = "mode"  # the same
    ZONE = "zone"
    STOCK = "stock"
    CAMPAIGN = "campaign"  # around every committee that takes part
    PERSON = "person"  # nobody's place: whoever is signed in may do it to themselves


@dataclass(frozen=True, slots=True)
class Needs:
    """What one address asks for."""

    action: Action | None  # None: open to everybody
    of: Of = Of.SOMEWHERE
    logged: bool = True  # the order is written into the audit log; those that write their own are not


OPEN = Needs(None, logged=False)
_SEE = Needs(Action.SEE)
_DO = Needs(Action.WORK)
_DUTY, _REPORT = Needs(Action.SEE, Of.DUTY), Needs(Action.SEE, Of.REPORT)
_WHOLE = Needs(Action.SEE, Of.SITE)  # what is of all and cannot be parted
_SELF = Needs(None, Of.PERSON, logged=False)
_ADMIN = Needs(Action.ADMINISTER, Of.SITE, logged=False)
_RULES = Needs(Action.RULES, Of.SITE)

_API = "/api/v1"
_WORK = ("begin", "interim", "note", "relieve", "repaired", "return")  # verbs of a ticket
_OPERATE = ("classify", "dispatch", "escalate", "merge", "plan", "received", "report_upward", "resume")
_SUPERVISE = (
    "accept", "defer", "discard", "evaluate", "extend", "grade", "reject", "reopen", "supervise", "write_off",
)  # fmt: skip
TABLE: dict[tuple[str, str], Needs] = {
    ("GET", "/healthz"): OPEN,
    ("GET", "/readyz"): OPEN,
    ("GET", "/metrics"): _SEE,
    ("GET", "/api/docs"): OPEN,
    ("GET", "/api/docs/oauth2-redirect"): OPEN,
    ("GET", "/api/openapi.json"): OPEN,
    ("GET", "/a/{token}"): OPEN,  # signed links from a phone: they carry their own proof
    ("POST", "/a/{token}"): OPEN,
    ("GET", "/calendar/{token}.ics"): OPEN,  # what a phone subscribes to: the token is its proof
    ("GET", f"{_API}/session"): OPEN,
    ("POST", f"{_API}/session"): OPEN,
    ("POST", f"{_API}/session/viewer"): OPEN,
    ("DELETE", f"{_API}/session"): _SELF,
    ("POST", f"{_API}/session/password"): _SELF,
    ("GET", f"{_API}/site"): _SEE,
    ("GET", f"{_API}/org"): _SEE,
    ("GET", f"{_API}/snapshot"): _SEE,
    ("GET", f"{_API}/events"): _SEE,
    ("GET", f"{_API}/trend"): Needs(Action.SEE, Of.ASSET),
    ("GET", f"{_API}/alarms"): _SEE,
    ("POST", f"{_API}/alarms/{{alarm}}/acknowledge"): Needs(Action.ACKNOWLEDGE, Of.ALARM),
    ("POST", f"{_API}/alarms/{{alarm}}/reset"): Needs(Action.ACKNOWLEDGE, Of.ALARM),
    ("POST", f"{_API}/alarms/{{alarm}}/shelve"): Needs(Action.OPERATE, Of.ALARM),
    ("POST", f"{_API}/alarms/{{alarm}}/unshelve"): Needs(Action.OPERATE, Of.ALARM),
    ("POST", f"{_API}/alarms/{{alarm}}/remove"): Needs(Action.SUPERVISE, Of.ALARM),
    ("POST", f"{_API}/alarms/{{alarm}}/confirm"): Needs(Action.SUPERVISE, Of.ALARM),
    ("POST", f"{_API}/alarms/{{alarm}}/return"): Needs(Action.SUPERVISE, Of.ALARM),
    ("GET", f"{_API}/shelved"): _SEE,
    ("GET", f"{_API}/hidden"): _SEE,
    ("GET", f"{_API}/out-of-service"): _SEE,
    ("GET", f"{_API}/windows"): _SEE,
    ("POST", f"{_API}/windows"): Needs(Action.SUPERVISE, Of.SCOPE),
    ("POST", f"{_API}/windows/{{window}}/confirm"): Needs(Action.SUPERVISE, Of.WINDOW),
    ("POST", f"{_API}/windows/{{window}}/end"): Needs(Action.SUPERVISE, Of.WINDOW),
    ("GET", f"{_API}/tickets"): _SEE,
    ("GET", f"{_API}/tickets/{{ticket}}"): Needs(Action.SEE, Of.TICKET),
    ("POST", f"{_API}/tickets/{{ticket}}/acknowledge"): Needs(Action.ACKNOWLEDGE, Of.TICKET),
    ("POST", f"{_API}/tickets"): Needs(Action.WORK, Of.SCOPE),  # a grid worker reports what they find
    ("GET", f"{_API}/tickets/{{ticket}}/events"): Needs(Action.SEE, Of.TICKET),
    ("GET", f"{_API}/tickets/{{ticket}}/verbs"): Needs(Action.SEE, Of.TICKET),
    ("GET", f"{_API}/workflow"): _SEE,
    ("GET", f"{_API}/ticket-counts"): _SEE,
    ("GET", f"{_API}/tickets/{{ticket}}/attachments"): Needs(Action.SEE, Of.TICKET),
    ("POST", f"{_API}/tickets/{{ticket}}/attachments"): Needs(Action.WORK, Of.TICKET),
    ("GET", f"{_API}/tickets/{{ticket}}/attachments/{{attachment}}"): Needs(Action.SEE, Of.TICKET),
    ("GET", f"{_API}/tickets/{{ticket}}/bundle"): Needs(Action.SEE, Of.TICKET),
    ("POST", f"{_API}/tickets/{{ticket}}/rate"): Needs(Action.OPERATE, Of.TICKET),
    ("GET", "/open311/v2/services.json"): OPEN,
    ("GET", "/open311/v2/requests.json"): Needs(Action.SEE, Of.SITE),
    ("GET", "/open311/v2/requests/{service_request_id}.json"): Needs(Action.SEE, Of.SITE),
    ("POST", "/open311/v2/requests.json"): Needs(Action.OPERATE, Of.SITE),
    **{("POST", f"{_API}/tickets/{{ticket}}/{verb}"): Needs(Action.WORK, Of.TICKET) for verb in _WORK},
    **{("POST", f"{_API}/tickets/{{ticket}}/{verb}"): Needs(Action.OPERATE, Of.TICKET) for verb in _OPERATE},
    **{("POST", f"{_API}/tickets/{{ticket}}/{verb}"): Needs(Action.SUPERVISE, Of.TICKET) for verb in _SUPERVISE},
    ("GET", f"{_API}/tickets/{{ticket}}/pages"): Needs(Action.SEE, Of.TICKET),
    ("GET", f"{_API}/channels"): _SEE,
    ("POST", f"{_API}/channels/{{channel}}/enable"): Needs(Action.ADMINISTER, Of.SITE),
    ("GET", f"{_API}/rosters"): _SEE,
    ("GET", f"{_API}/roster-changes"): _SEE,
    ("POST", f"{_API}/roster-changes"): _DO,  # only of one's own duty: the order itself asks for that
    ("POST", f"{_API}/roster-changes/{{change}}/agree"): _DO,
    ("POST", f"{_API}/roster-changes/{{change}}/decline"): _DO,
    ("POST", f"{_API}/roster-changes/{{change}}/withdraw"): _DO,
    ("POST", f"{_API}/roster-changes/{{change}}/end"): Needs(Action.SUPERVISE, Of.ROSTER),
    ("POST", f"{_API}/roster-overrides"): Needs(Action.SUPERVISE, Of.ROSTER),
    ("GET", f"{_API}/handovers"): _SEE,
    ("POST", f"{_API}/handovers"): _DO,
    ("POST", f"{_API}/handovers/{{handover}}/confirm"): _DO,
    ("GET", f"{_API}/calendars"): _SEE,
    ("POST", f"{_API}/calendars"): Needs(Action.ACKNOWLEDGE, logged=False),  # the door logs keys itself
    ("POST", f"{_API}/calendars/{{calendar}}/revoke"): Needs(Action.ACKNOWLEDGE, logged=False),
    ("GET", f"{_API}/roll-calls"): _SEE,
    ("POST", f"{_API}/roll-calls/{{call}}/answer"): _DO,
    ("GET", f"{_API}/transitions"): _SEE,
    ("GET", f"{_API}/latest"): _SEE,
    ("GET", f"{_API}/assets/{{asset}}"): Needs(Action.SEE, Of.ASSET),
    ("GET", f"{_API}/outages"): _SEE,
    ("GET", f"{_API}/edge-events"): _SEE,
    ("GET", f"{_API}/performance"): _SEE,  # of the equipment that somebody may see
    ("GET", f"{_API}/duties"): _SEE,
    ("GET", f"{_API}/duties/coming"): _SEE,
    ("GET", f"{_API}/duties/{{instance}}"): _DUTY,
    ("POST", f"{_API}/duties/{{instance}}/begin"): Needs(Action.WORK, Of.DUTY),
    ("POST", f"{_API}/duties/{{instance}}/done"): Needs(Action.WORK, Of.DUTY),
    ("POST", f"{_API}/duties/{{instance}}/waive"): Needs(Action.SUPERVISE, Of.DUTY),
    ("POST", f"{_API}/duties/{{instance}}/checked"): Needs(Action.SUPERVISE, Of.DUTY),
    ("GET", f"{_API}/duties/{{instance}}/photo"): _DUTY,
    ("POST", f"{_API}/duties/{{instance}}/photo"): Needs(Action.WORK, Of.DUTY),
    ("GET", f"{_API}/duty-triggers"): _SEE,
    ("POST", f"{_API}/duty-triggers"): Needs(Action.OPERATE, Of.TRIGGER),
    ("POST", f"{_API}/duty-triggers/{{trigger}}/end"): Needs(Action.OPERATE, Of.TRIGGER),
    ("GET", f"{_API}/reports"): _SEE,
    ("GET", f"{_API}/reports/template"): _DUTY,
    ("GET", f"{_API}/reports/{{report}}"): _REPORT,
    ("POST", f"{_API}/reports"): Needs(Action.WORK, Of.DUTY),
    ("POST", f"{_API}/reports/{{report}}/approve"): Needs(Action.OPERATE, Of.REPORT),
    ("POST", f"{_API}/reports/{{report}}/return"): Needs(Action.OPERATE, Of.REPORT),
    ("POST", f"{_API}/reports/{{report}}/received"): Needs(Action.WORK, Of.REPORT),
    ("GET", f"{_API}/campaigns"): _SEE,
    ("GET", f"{_API}/campaigns/{{campaign}}"): _SEE,
    ("POST", f"{_API}/campaigns/{{campaign}}/samples"): Needs(Action.SUPERVISE, Of.CAMPAIGN),
    ("GET", f"{_API}/campaigns/{{campaign}}/samples/{{sample}}"): Needs(Action.SEE, Of.CAMPAIGN),
    ("GET", f"{_API}/modes"): _SEE,
    ("POST", f"{_API}/modes"): Needs(Action.SUPERVISE, Of.MODE),
    ("POST", f"{_API}/modes/{{number}}/agree"): Needs(Action.SUPERVISE, Of.MODE),
    ("POST", f"{_API}/modes/{{number}}/end"): Needs(Action.SUPERVISE, Of.MODE),
    ("GET", f"{_API}/hauls"): _SEE,
    ("GET", f"{_API}/zones"): _SEE,
    ("POST", f"{_API}/zones/{{place}}/counts"): Needs(Action.OPERATE, Of.ZONE),
    ("POST", f"{_API}/zones/{{place}}/confirm"): Needs(Action.SUPERVISE, Of.ZONE),
    ("GET", f"{_API}/drills"): _SEE,
    ("GET", f"{_API}/paths"): _SEE,
    ("GET", f"{_API}/heartbeats"): _SEE,
    ("GET", f"{_API}/stock"): _SEE,
    ("POST", f"{_API}/stock/{{item}}"): Needs(Action.WORK, Of.STOCK),
    ("GET", f"{_API}/paper/major-hazard/{{ticket}}.{{form}}"): Needs(Action.SEE, Of.TICKET),
    ("GET", f"{_API}/paper/evidence/{{ticket}}.{{form}}"): Needs(Action.SEE, Of.TICKET),
    ("GET", f"{_API}/paper/report/{{report}}.{{form}}"): _REPORT,
    ("GET", f"{_API}/paper/ledger.{{form}}"): _SEE,
    ("GET", f"{_API}/paper/bulletin.{{form}}"): _SEE,
    ("GET", f"{_API}/paper/handover.{{form}}"): _SEE,
    ("GET", f"{_API}/paper/dossier.zip"): _SEE,
    ("GET", f"{_API}/score-cards"): _SEE,
    ("GET", f"{_API}/rules/versions"): _WHOLE,
    ("POST", f"{_API}/rules/versions"): _RULES,
    ("GET", f"{_API}/rules/versions/{{version}}"): _WHOLE,
    ("GET", f"{_API}/rules/versions/{{version}}/backtest"): _WHOLE,
    ("POST", f"{_API}/rules/versions/{{version}}/backtest"): _RULES,
    ("GET", f"{_API}/rules/versions/{{version}}/shadow"): _WHOLE,
    ("POST", f"{_API}/rules/versions/{{version}}/shadow"): _RULES,
    ("POST", f"{_API}/rules/versions/{{version}}/live"): _RULES,
    ("POST", f"{_API}/rules/versions/{{version}}/retire"): _RULES,
    ("POST", f"{_API}/rules/versions/{{version}}/reject"): _RULES,
    ("GET", f"{_API}/accounts"): _ADMIN,
    ("POST", f"{_API}/accounts"): _ADMIN,
    ("POST", f"{_API}/accounts/{{account}}/password"): _ADMIN,
    ("POST", f"{_API}/accounts/{{account}}/rights"): _ADMIN,
    ("POST", f"{_API}/accounts/{{account}}/disable"): _ADMIN,
    ("POST", f"{_API}/accounts/{{account}}/enable"): _ADMIN,
    ("GET", f"{_API}/tokens"): _ADMIN,
    ("POST", f"{_API}/tokens"): _ADMIN,
    ("POST", f"{_API}/tokens/{{token}}/revoke"): _ADMIN,
    ("GET", f"{_API}/audit"): Needs(Action.AUDIT, Of.SITE),
    ("GET", f"{_API}/audit/verify"): Needs(Action.AUDIT, Of.SITE),
}

_FILES = re.compile(r"^/(assets/.*|[^/]*)$")  # the wall's own files
_PATTERNS = [
    (method, re.compile("^" + re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(path)) + "$"), needs)
    for (method, path), needs in sorted(TABLE.items(), key=lambda each: each[0][1].count("{"))
]


def needed(method: str, path: str) -> tuple[Needs, dict[str, str]]:
    """What a request needs, and the names in its path."""
    asked = "GET" if method == "HEAD" else method
    for declared, pattern, needs in _PATTERNS:
        if declared == asked and (found := pattern.match(path)):
            return needs, found.groupdict()
    if asked == "GET":
        return (OPEN if _FILES.match(path) else _SEE), {}
    return Needs(Action.ADMINISTER, Of.SITE), {}
