"""Pure. Whether two things are the same rules: fingerprints of a site's rules in force, and of a draft's text."""

from __future__ import annotations

import hashlib

from vocab.site import Site


def rules_digest(site: Site) -> str:
    """SHA-256 over every rule of every asset as it watches: params, overrides and drafts put in; order is nothing."""
    found = hashlib.sha256()
    for asset in sorted(site.assets, key=lambda each: each.id):
        for rule in sorted(site.rules_of(asset), key=lambda each: each.id):
            found.update(f"{asset.id} {rule.model_dump_json()}\n".encode())
    return found.hexdigest()


def text_digest(text: str) -> str:
    """SHA-256 of a draft as it was written."""
    return hashlib.sha256(text.encode()).hexdigest()
