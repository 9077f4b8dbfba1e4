"""Shell. The wheel's build hook. hatchling loads this file by path, so `wall.build` is loaded by path as well."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


def _load(root: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location("_anlan_wall_build", Path(root) / "wall" / "build.py")
    if spec is None or spec.loader is None:
        raise RuntimeError("wall/build.py is missing from this source tree")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


class WallHook(BuildHookInterface):  # type: ignore[type-arg]
    """Builds wall/dist where its sources changed, so that the wheel carries it."""

    def dependencies(self) -> list[str]:
        """Node from PyPI, only where the wall must be built and the machine has none."""
        build = _load(self.root)
        return [build.NODE_WHEEL] if build.needs_node_wheel(Path(self.root) / "wall") else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called by hatchling before it collects the files of a wheel, an sdist or an editable install."""
        build = _load(self.root)
        if os.environ.get(build.SWITCH) == "skip":
            self.app.display_warning(f"{build.SWITCH}=skip: installed without the wall")
            return
        try:
            build.ensure(Path(self.root) / "wall")
        except build.WallError as error:
            self.app.abort(str(error))
