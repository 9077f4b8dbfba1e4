"""What is documented, is documented whole."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from pathlib import Path

import vocab
from vocab.problem import Code

DOCS = Path(__file__).parents[2] / "docs"


def test_every_public_class_of_the_vocabulary_is_in_the_glossary() -> None:
    glossary = (DOCS / "glossary.md").read_text(encoding="utf-8")
    named = {
        name
        for module in pkgutil.iter_modules(vocab.__path__)
        for name, each in inspect.getmembers(importlib.import_module(f"vocab.{module.name}"), inspect.isclass)
        if each.__module__.startswith("vocab.") and not name.startswith("_")
    }

    assert {name for name in named if f"`{name}`" not in glossary} == set()


def test_every_configuration_fault_is_explained() -> None:
    page = (DOCS / "reference" / "configuration-errors.md").read_text(encoding="utf-8")

    assert [code.value for code in Code if code.value not in page] == []


def test_no_link_of_the_documentation_is_dead() -> None:
    dead = [
        f"{page.relative_to(DOCS.parent)} -> {target}"
        for page in [*DOCS.rglob("*.md"), *DOCS.parent.glob("*.md")]
        for target in re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8"))
        if not target.startswith(("http:", "https:", "mailto:")) and not (page.parent / target).exists()
    ]

    assert dead == []
