"""Shell. The wall's built files; every unknown path leads to its first page. Or a page that says how to build it."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI, HTTPException
from fastapi.responses import FileResponse, HTMLResponse, Response

from runtime.files import shipped

_NOT_BUILT = """<!doctype html><meta charset="utf-8"><title>Anlan</title>
<h1>Anlan 安澜</h1>
<p>The wall has not been built in this checkout. Run <code>make wall</code>, then load this page again.
The API is at <a href="/api/docs">/api/docs</a>.</p>
<p lang="zh-Hans">此目录尚未构建大屏页面。请运行 <code>make wall</code>，然后刷新。
接口见 <a href="/api/docs">/api/docs</a>。</p>
"""
_FOR_EVER = "public, max-age=31536000, immutable"  # names of built assets carry a hash of their content


def add_pages(app: FastAPI, folder: Path | None = None) -> None:
    """Add the routes; they must come last, since they take every path that is left."""
    root = (folder or shipped("wall") / "dist").resolve()

    @app.get("/{path:path}", include_in_schema=False)
    async def page(path: str) -> Response:
        if path.startswith("api/"):
            raise HTTPException(404, f"no such resource: /{path}")
        wanted = (root / path).resolve()
        if path and wanted.is_relative_to(root) and wanted.is_file():
            return FileResponse(
                wanted, headers={"Cache-Control": _FOR_EVER if path.startswith("assets/") else "no-cache"}
            )
        if (root / "index.html").is_file():
            return FileResponse(root / "index.html", headers={"Cache-Control": "no-cache"})
        return HTMLResponse(_NOT_BUILT)
