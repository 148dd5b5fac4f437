"""Every root field names a permission that somebody can hold; money carries a key."""

from __future__ import annotations

from typing import Any

from bawaba.graphql import PUBLIC
from bawaba.host.schema.compose import field_policies
from bawaba.testing import laws


def test_every_root_has_a_policy_and_money_is_keyed(house: Any) -> None:
    assert laws.policies(house.graphql) == []


def test_every_permission_of_a_role_is_declared(house: Any) -> None:
    declared = {permission.name for permission in house.registry.all("declare_permissions")}
    unknown = {
        (role.name, name)
        for role in house.registry.all("declare_roles")
        for name in role.permissions
        if name not in declared
    }
    assert unknown == set()


def test_every_permission_asked_for_is_given_by_a_role(house: Any) -> None:
    given = {name for role in house.registry.all("declare_roles") for name in role.permissions}
    asked = {policy.permission for policy in field_policies(house.schema).values()} - {PUBLIC}
    assert asked - given == set()


def test_a_plugin_names_permissions_and_jobs_with_its_prefix(house: Any) -> None:
    wrong = [
        item.name
        for hook in ("declare_permissions", "declare_jobs")
        for plugin, item in house.registry.each(hook)
        if plugin.name != "bawaba" and not item.name.startswith(f"{plugin.manifest.prefix}.")
    ]
    assert wrong == []
