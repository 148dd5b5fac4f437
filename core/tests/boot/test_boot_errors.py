"""Whatever is wrong with a plugin, the host does not start and says which plugin and what to do."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import pytest
import strawberry
from bawaba.errors import BootError, Refusal
from bawaba.graphql import PUBLIC, UserError, field, leaf
from bawaba.host.registry import load
from bawaba.host.schema.compose import compose
from bawaba.plugin import HOST_API, Manifest, Permission, SchemaPart, hookimpl
from bawaba.text import Text


def plugin(name: str = "museum", prefix: str = "museum", **more: Any) -> ModuleType:
    """Return a plugin module; ``more`` maps hook names to what they return."""
    manifest = {key: more.pop(key) for key in ("host_api", "requires") if key in more}
    module = ModuleType(f"bawaba_{prefix}_for_tests")
    title = Text("Museum", "المتحف")
    more["declare_manifest"] = Manifest(name, prefix, title, "1.0", **manifest)
    for hook, value in more.items():
        setattr(module, hook, hookimpl(lambda value=value: value))
    return module


def query(**fields: Any) -> SchemaPart:
    """Return a part with these root fields, each returning a string."""
    members: dict[str, Any] = {}
    for name, policy in fields.items():

        async def resolve(self: Any) -> str:
            return "yes"

        resolve.__name__ = name
        members[name] = policy(resolve)
    return SchemaPart(query=strawberry.type(type("MuseumQuery", (), members)))


def public(resolver: Any) -> Any:
    return field(permission=PUBLIC, en="A thing.", ar="شيء.")(resolver)


def refused(*modules: ModuleType) -> BootError:
    with pytest.raises(BootError) as error:
        compose(load({f"entry-{number}": module for number, module in enumerate(modules)}))
    return error.value


def test_a_sound_plugin_starts() -> None:
    registry = load({"x": plugin(declare_schema=[query(museum_exhibits=public)])})
    assert "museumExhibits: String!" in compose(registry).as_str()


@pytest.mark.parametrize(
    ("module", "words"),
    [
        (plugin(host_api=HOST_API + 1), "host API"),
        (plugin(requires=["archive"]), "archive"),
        (plugin(prefix="Museum"), "prefix"),
        (plugin(name="The Museum"), "name"),
        (plugin(declare_schema=[query(exhibits=public)]), "Query.exhibits"),
        (plugin(declare_schema=[query(museum_x=strawberry.field)]), "names no permission"),
        (
            plugin(
                declare_schema=[query(museum_x=field(permission="museum.see", en="A.", ar="أ."))]
            ),
            "museum.see",
        ),
        (plugin(declare_schema=None), "declare_schema"),
    ],
)
def test_the_error_names_plugin_element_and_mend(module: ModuleType, words: str) -> None:
    error = refused(module)
    assert error.plugin in {"museum", "The Museum"}
    assert words in str(error)
    assert error.mend


def test_a_misspelt_hook_is_refused() -> None:
    module = plugin()
    module.declare_shema = hookimpl(lambda: ["part"])  # type: ignore[attr-defined]
    assert "declare_shema" in str(refused(module))


def test_a_module_without_a_manifest_is_refused() -> None:
    assert refused(ModuleType("bawaba_nothing")).element == "declare_manifest"


def test_names_and_prefixes_and_fields_belong_to_one_plugin() -> None:
    assert "name is taken" in str(refused(plugin(), plugin(prefix="other")))
    assert "prefix" in str(refused(plugin(), plugin(name="gallery")))
    twice = [query(museum_x=public), query(museum_x=public)]
    assert "Query.museumX" in str(refused(plugin(declare_schema=twice)))


def test_two_providers_are_refused_and_a_missing_one_names_who_needs_it() -> None:
    one = plugin("one", "one", provide_ledger="ledger")
    two = plugin("two", "two", provide_ledger="ledger")
    registry = load({"a": one, "b": two})
    with pytest.raises(BootError, match="'one' and 'two' both provide it"):
        registry.provider("provide_ledger", needed_by=None)
    bare = load({"a": plugin()})
    assert bare.provider("provide_ledger", needed_by=None) is None
    with pytest.raises(BootError, match="museum"):
        bare.provider("provide_ledger", needed_by="museum")


def test_plugins_stand_after_what_they_require() -> None:
    modules = {
        "a": plugin("alpha", "alpha", requires=["omega"]),
        "b": plugin("omega", "omega"),
    }
    assert [p.name for p in load(modules).plugins] == ["omega", "alpha"]
    circle = {
        "a": plugin("alpha", "alpha", requires=["omega"]),
        "b": plugin("omega", "omega", requires=["alpha"]),
    }
    with pytest.raises(BootError, match="circle"):
        load(circle)


class MuseumClosed(Refusal):
    """The museum is closed. Come back tomorrow."""

    code = "CLOSED"
    text = Text("Closed.", "مغلق.")


def test_error_codes_carry_the_prefix() -> None:
    assert "MUSEUM_" in str(refused(plugin(declare_errors=[MuseumClosed])))


@strawberry.input
class MuseumBuyInput:
    ticket: str


@strawberry.type
class MuseumBuyPayload:
    errors: list[UserError] = leaf("Errors.", "أخطاء.")


@strawberry.type
class MuseumMutation:
    @field(permission="museum.buy", effect="money", en="Buy.", ar="شراء.")
    async def museum_buy(self, input: MuseumBuyInput) -> MuseumBuyPayload:
        return MuseumBuyPayload(errors=[])


def test_money_moves_only_with_an_idempotency_key() -> None:
    module = plugin(
        declare_permissions=[Permission("museum.buy", Text("Buy.", "شراء."))],
        declare_schema=[query(museum_x=public), SchemaPart(mutation=MuseumMutation)],
    )
    error = refused(module)
    assert error.element == "Mutation.museumBuy"
    assert "idempotency" in str(error)
