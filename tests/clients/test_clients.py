"""Clients of other makers: the official audit, graphql-ws, graphql-sse and Python's gql."""

from __future__ import annotations

import asyncio
import json
import uuid
from typing import Any

import pytest
from bawaba.testing.client import FrontEnd
from bawaba.testing.process import Portal
from client_tools import HERE, Proxy, node, script
from flow_steps import check_out, eventually, operation, start, unpaid
from gql import Client, GraphQLRequest
from gql.transport.aiohttp import AIOHTTPTransport
from gql.transport.exceptions import TransportError, TransportQueryError
from gql.transport.websockets import WebsocketsTransport

STATISTICS = operation("accounting", "StatisticsUpdated")
GROUPED = {"groupBy": ["SERVICE"]}


async def pay_one(citizen: FrontEnd) -> None:
    payment = (await start(citizen, (await unpaid(citizen))[0]))["payment"]
    await check_out(citizen, payment, "approve")
    await eventually(citizen, payment, status="CAPTURED")


async def fresh(citizen: FrontEnd) -> Any:
    async with citizen.live() as socket, socket.subscribe(STATISTICS, GROUPED) as answers:
        return (await answers.next())["accountingStatisticsUpdated"]["statistics"]


@pytest.mark.node
async def test_the_official_http_audit_passes_in_full(citizen: FrontEnd) -> None:
    process = await asyncio.create_subprocess_exec(
        node(), "audit.mjs", f"{citizen.url}/graphql", cwd=HERE, stdout=-1
    )
    output, _ = await asyncio.wait_for(process.communicate(), 120)
    results = [json.loads(line) for line in output.splitlines()]
    assert [result for result in results if result["status"] != "ok"] == []
    assert len(results) == 61


@pytest.mark.node
@pytest.mark.parametrize("client", ["watch_ws.mjs", "watch_sse.mjs"])
async def test_a_node_client_comes_back_and_misses_nothing(
    citizen: FrontEnd, proxy: Proxy, client: str
) -> None:
    async with script(client, proxy.url, "", STATISTICS, json.dumps(GROUPED)) as watcher:
        first = await watcher.line("value")
        assert first["kind"] == "SNAPSHOT"
        await pay_one(citizen)
        second = await watcher.line("value")
        proxy.cut()
        await pay_one(citizen)
        third = await watcher.line("value")
        proxy.cut()
        await pay_one(citizen)
        fourth = await watcher.line("value")
        kinds = {value["kind"] for value in (second, third, fourth)}
        assert "SNAPSHOT" not in kinds
        counts = [v["statistics"]["total"]["count"] for v in (first, second, third, fourth)]
        assert counts == list(range(counts[0], counts[0] + 4))
        assert fourth["statistics"] == await fresh(citizen)


@pytest.mark.node
@pytest.mark.parametrize("client", ["watch_ws.mjs", "watch_sse.mjs"])
async def test_a_node_client_signs_in_and_gets_typed_errors(
    citizen: FrontEnd, token: str, client: str
) -> None:
    payment = (await start(citizen, (await unpaid(citizen))[0]))["payment"]
    document, wanted = operation("payments", "PaymentUpdated"), json.dumps({"id": payment["id"]})
    async with script(client, citizen.url, token, document, wanted) as watcher:
        assert (await watcher.line("value"))["payment"]["status"] == "PENDING"
        await check_out(citizen, payment, "approve")
        assert (await watcher.line("value"))["kind"] == "CAPTURED"
    async with script(client, citizen.url, "", document, wanted) as stranger:
        assert code(await stranger.line("errors")) == "UNAUTHENTICATED"
    async with script(client, citizen.url, token, "subscription { nothing }", "{}") as wrong:
        assert code(await wrong.line("errors")) == "GRAPHQL_VALIDATION_FAILED"


def code(errors: list[Any]) -> str:
    found: str = errors[0]["extensions"]["code"]
    return found


async def test_last_event_id_resumes(citizen: FrontEnd) -> None:
    url, body = f"{citizen.url}/graphql", {"query": STATISTICS, "variables": GROUPED}
    headers = {"Accept": "text/event-stream"}
    async with citizen.session.post(url, json=body, headers=headers) as stream:
        assert stream.content_type == "text/event-stream"
        first = await event(stream)
    await pay_one(citizen)
    await pay_one(citizen)
    resumed = {**headers, "Last-Event-ID": first["id"]}
    async with citizen.session.post(url, json=body, headers=resumed) as stream:
        events = [await event(stream), await event(stream)]
    shown = [json.loads(e["data"])["data"]["accountingStatisticsUpdated"] for e in events]
    assert [e["event"] for e in events] == ["next", "next"]
    assert all(value["kind"] != "SNAPSHOT" for value in shown)
    assert shown[-1]["statistics"] == await fresh(citizen)


async def event(stream: Any) -> dict[str, str]:
    fields: dict[str, str] = {}
    async with asyncio.timeout(15):
        while line := (await stream.content.readline()).decode().rstrip("\n"):
            name, _, value = line.partition(": ")
            fields[name] = value
    return fields


async def test_gql_queries_watches_and_resumes(citizen: FrontEnd, proxy: Proxy, token: str) -> None:
    headers = {"Authorization": f"Bearer {token}"}
    over_http = AIOHTTPTransport(url=f"{proxy.url}/graphql", headers=headers)
    async with Client(transport=over_http) as session:
        found = await session.execute(GraphQLRequest("{ me { displayName } }"))
        assert found["me"]["displayName"]
        with pytest.raises(TransportQueryError) as refused:
            await session.execute(GraphQLRequest("{ nothing }"))
        assert code(refused.value.errors or []) == "GRAPHQL_VALIDATION_FAILED"
    values: list[Any] = []
    for _ in range(3):
        given = {**GROUPED, "after": values[-1]["cursor"] if values else None}
        transport = WebsocketsTransport(
            url=f"{proxy.url.replace('http', 'ws')}/graphql",
            subprotocols=[WebsocketsTransport.GRAPHQLWS_SUBPROTOCOL],
            init_payload={"authorization": f"Bearer {token}"},
        )
        if values:
            await pay_one(citizen)
        async with Client(transport=transport) as session:
            request = GraphQLRequest(STATISTICS, variable_values=given)
            with pytest.raises(TransportError):  # noqa: PT012  cut in the midst
                async for answer in session.subscribe(request):
                    values.append(answer["accountingStatisticsUpdated"])
                    proxy.cut()
    assert [value["kind"] == "SNAPSHOT" for value in values] == [True, False, False]
    assert values[-1]["statistics"] == await fresh(citizen)


CANCEL = """mutation ($input: CancelPaymentInput!) {
  cancelPayment(input: $input) { payment { status } errors { code } }
}"""


@pytest.mark.node
async def test_graphql_ws_runs_everything_over_one_socket(
    citizen: FrontEnd, portal: Portal
) -> None:
    """Queries, a mutation and several live fields side by side, until the device is revoked."""
    token = portal.token("citizen", "tablet")
    payment = (await start(citizen, (await unpaid(citizen))[0]))["payment"]
    async with script("many_ws.mjs", portal.url, token) as tablet:
        watched = {"query": STATISTICS, "variables": GROUPED}
        tablet.tell(id="totals", **watched)
        assert (await tablet.line("totals"))["accountingStatisticsUpdated"]["kind"] == "SNAPSHOT"
        own = {"query": operation("payments", "PaymentUpdated"), "variables": {"id": payment["id"]}}
        tablet.tell(id="own", **own)
        assert (await tablet.line("own"))["paymentUpdated"]["kind"] == "SNAPSHOT"
        given = {"paymentId": payment["id"], "idempotencyKey": uuid.uuid4().hex}
        tablet.tell(id="cancel", query=CANCEL, variables={"input": given})
        done = await tablet.line("cancel")
        assert done["cancelPayment"] == {"payment": {"status": "CANCELLED"}, "errors": []}
        assert await tablet.line("own") == await tablet_sees(citizen, payment)
        tablet.tell(stop="totals")
        assert await tablet.line("totals") == "complete"
        await pay_one(citizen)
        tablet.tell(id="me", query="{ me { devices(first: 50) { nodes { id isCurrent } } } }")
        devices = (await tablet.line("me", refusing=("totals", "own")))["me"]["devices"]["nodes"]
        (this,) = (device["id"] for device in devices if device["isCurrent"])
        data = await citizen.execute(
            operation("core", "RevokeDevice"), {"input": {"deviceId": this}}
        )
        assert data["revokeDevice"]["errors"] == []
        assert await tablet.line("closed") == 4403


async def tablet_sees(citizen: FrontEnd, payment: Any) -> Any:
    """Return what a fresh watcher sees of the payment, as the step that brought it there."""
    document = operation("payments", "PaymentUpdated")
    async with citizen.live() as socket, socket.subscribe(document, {"id": payment["id"]}) as live:
        value = (await live.next())["paymentUpdated"]
    return {"paymentUpdated": {**value, "kind": "CANCELLED"}}


async def test_queries_and_mutations_run_over_event_streams(
    citizen: FrontEnd, portal: Portal
) -> None:
    citizen = citizen.signed_in(portal.token("citizen-2"))
    url = f"{citizen.url}/graphql"
    headers = {"Accept": "text/event-stream", "Authorization": f"Bearer {citizen.token}"}
    payment = (await start(citizen, (await unpaid(citizen))[0]))["payment"]
    given = {"paymentId": payment["id"], "idempotencyKey": uuid.uuid4().hex}
    bodies = {
        "{ me { displayName } }": {},
        CANCEL: {"input": given},
        "{ nothing }": {},
    }
    answers = []
    for query, variables in bodies.items():
        body = {"query": query, "variables": variables}
        async with citizen.session.post(url, json=body, headers=headers) as stream:
            answers.append(json.loads((await event(stream))["data"]))
            assert (await event(stream))["event"] == "complete"
            assert await stream.content.read() == b""
    assert answers[0]["data"]["me"]["displayName"]
    assert answers[1]["data"]["cancelPayment"]["errors"] == []
    assert code(answers[2]["errors"]) == "GRAPHQL_VALIDATION_FAILED"
    async with citizen.session.get(url, params={"query": CANCEL}, headers=headers) as refused:
        assert refused.status == 405
