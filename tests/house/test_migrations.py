"""Each model and its migrations agree."""

from __future__ import annotations

import importlib
import inspect
from typing import Any

from bawaba.host import boot
from bawaba.host.storage.migrate import drift
from tortoise.models import Model


async def test_no_model_has_moved_away_from_its_migrations(house: Any) -> None:
    assert await drift("sqlite://:memory:", boot.model_apps(house.registry)) == []


def test_every_table_carries_its_plugins_prefix(house: Any) -> None:
    wrong = []
    for plugin, models in house.registry.ones("declare_models"):
        prefix = plugin.manifest.table_prefix
        for _, model in inspect.getmembers(importlib.import_module(models.module), inspect.isclass):
            own = issubclass(model, Model) and model.__module__.startswith(plugin.package)
            if own and not model._meta.abstract and not model._meta.db_table.startswith(prefix):
                wrong.append(f"{model.__module__}.{model.__name__}: {model._meta.db_table}")
    assert wrong == []
