"""A lost device: its token dies at once, and its sockets close, in every process."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack

import aiohttp
import pytest
from bawaba.testing.client import FrontEnd, GraphQLFailed
from bawaba.testing.process import Portal
from flow_steps import operation

SOCKETS = 12
PAYABLE = {"traffic-fines", "ewa-bills", "civil-service", "post"}
"""Enough that both processes hold some of them."""


async def test_revoked_device_is_out_everywhere(portal: Portal, visitor: FrontEnd) -> None:
    lost, kept = (visitor.signed_in(portal.token("citizen", label)) for label in ("lost", "kept"))
    me = (await lost.execute(operation("core", "Me")))["me"]
    device = next(d for d in me["devices"]["nodes"] if d["isCurrent"])
    assert device["label"] == "lost"
    watching = "subscription { accountingStatisticsUpdated { cursor kind } }"
    async with AsyncExitStack() as stack:
        sockets = [await stack.enter_async_context(lost.live()) for _ in range(SOCKETS)]
        mine = await stack.enter_async_context(kept.live())
        for socket in sockets:
            updates = await stack.enter_async_context(socket.subscribe(watching))
            await updates.next()
        stream = await stack.enter_async_context(events(lost, watching))
        assert b"next" in await stream.content.readuntil(b"\n\n")
        revoked = await kept.execute(
            operation("core", "RevokeDevice"),
            {"input": {"deviceId": device["id"], "reason": "lost"}},
        )
        assert revoked["revokeDevice"]["errors"] == []
        assert revoked["revokeDevice"]["device"]["revokedAt"]
        with pytest.raises(GraphQLFailed) as refused:
            await lost.execute(operation("core", "Me"))
        assert refused.value.codes == ["UNAUTHENTICATED"]
        codes = await asyncio.gather(*(socket.closed(within=10) for socket in sockets))
        assert set(codes) == {4403}
        async with asyncio.timeout(10):
            farewell = await stream.content.read()
        assert b"UNAUTHENTICATED" in farewell
        assert farewell.endswith(b"event: complete\ndata: \n\n")
        with pytest.raises(ConnectionRefusedError, match="4403"):
            await stack.enter_async_context(lost.live())
        assert mine.close_code is None
    assert (await kept.execute(operation("core", "Me")))["me"]["id"] == me["id"]


def events(viewer: FrontEnd, document: str) -> AbstractAsyncContextManager[aiohttp.ClientResponse]:
    """Open an event stream."""
    headers = {"Accept": "text/event-stream", "Authorization": f"Bearer {viewer.token}"}
    body = {"query": document}
    return viewer.session.post(f"{viewer.url}/graphql", json=body, headers=headers)


async def test_suspended_account_is_out_until_reinstated(
    visitor: FrontEnd, person: Callable[[str], FrontEnd]
) -> None:
    citizen, admin = person("citizen-2"), person("admin")
    me = (await citizen.execute(operation("core", "Me")))["me"]
    given = {"personId": me["id"], "reason": "identity in doubt"}
    with pytest.raises(GraphQLFailed) as refused:
        await person("citizen").execute(operation("core", "SuspendAccount"), {"input": given})
    assert refused.value.codes == ["FORBIDDEN"]
    async with citizen.live() as live:
        data = await admin.execute(operation("core", "SuspendAccount"), {"input": given})
        assert data["suspendAccount"]["person"]["suspendedAt"]
        assert await live.closed(within=10) == 4403
    with pytest.raises(GraphQLFailed) as shut:
        await citizen.execute(operation("core", "Me"))
    assert shut.value.codes == ["ACCOUNT_SUSPENDED"]
    back = await admin.execute(
        "mutation($i: ReinstateAccountInput!) "
        "{ reinstateAccount(input: $i) { person { suspendedAt } errors { code } } }",
        {"i": {"personId": me["id"]}},
    )
    assert back["reinstateAccount"] == {"person": {"suspendedAt": None}, "errors": []}
    assert (await citizen.execute(operation("core", "Me")))["me"]["id"] == me["id"]


async def test_what_is_not_mine_is_null(
    person: Callable[[str], FrontEnd], visitor: FrontEnd
) -> None:
    mine = (await person("citizen").execute(operation("core", "Me")))["me"]
    document = operation("core", "ByNodeId")
    device = mine["devices"]["nodes"][0]["id"]
    for viewer in (visitor, person("traffic-officer")):
        assert (await viewer.execute(document, {"id": device}))["node"] is None
    for broken in ("", "x", "UGVyc29uOg", device[:-2], device * 9):
        assert (await visitor.execute(document, {"id": broken}))["node"] is None
    assert (await person("citizen").execute(document, {"id": device}))["node"]["id"] == device


async def test_anonymous_visitors_may_look(visitor: FrontEnd) -> None:
    assert (await visitor.execute(operation("core", "Me")))["me"] is None
    catalogue = await visitor.execute(operation("core", "Catalogue"), {"first": 10})
    codes = {s["code"]: s["isPayable"] for s in catalogue["services"]["nodes"]}
    assert {code for code, payable in codes.items() if payable} >= PAYABLE
    assert codes["tawasul"] is False
    platform = (await visitor.execute(operation("core", "Platform")))["platform"]
    assert {plugin["status"] for plugin in platform["plugins"]} == {"HEALTHY"}
    with pytest.raises(GraphQLFailed) as refused:
        await visitor.execute(operation("accounting", "TrialBalance"))
    assert refused.value.codes == ["UNAUTHENTICATED"]
