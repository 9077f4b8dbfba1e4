"""Shell. A font with Chinese signs for PDF, found at run time; none is shipped: one weighs more than we do."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from fontTools.ttLib import TTCollection, TTFont, TTLibError

from alerts.paper.errors import NoFontError

VARIABLE = "ANLAN_CJK_FONT"  # a font file that is taken before all others
_SAMPLE = "重大事故隐患登记锅炉验收销号，。《》"
_FOLDERS = (
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "~/.local/share/fonts",
    "~/.fonts",
    "/System/Library/Fonts",
    "/Library/Fonts",
    "C:/Windows/Fonts",
)
# (regular, bold): the better first
_FILES = (
    ("NotoSansCJK-Regular.ttc", "NotoSansCJK-Bold.ttc"),
    ("NotoSansCJKsc-Regular.otf", "NotoSansCJKsc-Bold.otf"),
    ("NotoSansSC-Regular.otf", "NotoSansSC-Bold.otf"),
    ("SourceHanSansCN-Regular.otf", "SourceHanSansCN-Bold.otf"),
    ("NotoSerifCJK-Regular.ttc", "NotoSerifCJK-Bold.ttc"),
    ("wqy-zenhei.ttc", ""),
    ("wqy-microhei.ttc", ""),
    ("DroidSansFallbackFull.ttf", ""),
    ("msyh.ttc", "msyhbd.ttc"),
    ("simsun.ttc", ""),
    ("STHeiti Light.ttc", "STHeiti Medium.ttc"),
)


@dataclass(frozen=True, slots=True)
class Face:
    """A font file; of a collection the one for simplified Chinese."""

    path: Path
    number: int


@dataclass(frozen=True, slots=True)
class Fonts:
    """What a PDF is written with."""

    regular: Face
    bold: Face


@lru_cache(maxsize=4)
def found(chosen: str | None = None) -> Fonts:
    """The best there is; `chosen` is a file that is asked for. NoFontError with what to do about it."""
    wanted = chosen or os.environ.get(VARIABLE)
    if wanted:
        face = _face(Path(wanted))
        if face is None:
            raise NoFontError(f"{VARIABLE}={wanted} is no font with Chinese signs")
        return Fonts(face, face)
    there = dict(_listed())
    for regular, bold in _FILES:
        if regular in there and (face := _face(there[regular])) is not None:
            heavy = _face(there[bold]) if bold in there else None
            return Fonts(face, heavy or face)
    raise NoFontError(
        "a PDF needs a font with Chinese signs and this machine has none: install one (Debian: fonts-noto-cjk or "
        f"fonts-wqy-zenhei) or name a file in {VARIABLE}; docx and xlsx need none / "
        "生成PDF需要中文字体，本机未安装：请安装fonts-noto-cjk，或改用docx、xlsx"
    )


def _listed() -> Iterator[tuple[str, Path]]:
    wanted = {name for pair in _FILES for name in pair if name}
    for folder in _FOLDERS:
        for path in sorted(Path(folder).expanduser().rglob("*.[to]t[cf]")):
            if path.name in wanted:
                yield path.name, path


def _face(path: Path) -> Face | None:
    """The font of a file that holds our signs."""
    try:
        if path.suffix.lower() != ".ttc":
            with path.open("rb") as stream, TTFont(stream, lazy=True) as font:
                return Face(path, 0) if _holds(font) else None
        with path.open("rb") as stream, TTCollection(stream, lazy=True) as several:
            fit = [(number, font) for number, font in enumerate(several.fonts) if _holds(font)]
            named = [number for number, font in fit if " SC" in str(font["name"].getDebugName(4))]
            return Face(path, (named or [number for number, _ in fit])[0]) if fit else None
    except (OSError, TTLibError, KeyError):
        return None


def _holds(font: TTFont) -> bool:
    signs = font.getBestCmap() or {}
    return all(ord(sign) in signs for sign in _SAMPLE)
