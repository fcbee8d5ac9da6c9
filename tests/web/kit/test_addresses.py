"""Every address the pages' modules name is one the application answers."""

import ast

from flask import Flask

from config import ROOT
from tests.kit.world import World


def test_every_module_that_names_addresses_is_part_of_the_application(app: Flask, world: World) -> None:
    answering = {view.__module__ for view in app.view_functions.values()}
    forgotten = []
    for path in sorted((ROOT / "tracker" / "web").rglob("*.py")):
        named = [
            node.name
            for node in ast.parse(path.read_text("utf-8")).body
            if isinstance(node, ast.FunctionDef)
            and any(
                isinstance(d, ast.Call)
                and isinstance(d.func, ast.Attribute)
                and d.func.attr in {"get", "post", "route"}
                for d in node.decorator_list
            )
        ]
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        if named and module not in answering:
            forgotten.append(f"{module}: {', '.join(named)}")
    assert forgotten == []
