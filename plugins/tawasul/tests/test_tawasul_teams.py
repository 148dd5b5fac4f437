"""The desk's side: assignment, transfers and the arbiter, families, hidden identities."""

from __future__ import annotations

from typing import Any


async def test_load_decides_who_gets_a_case(desk: Any) -> None:
    await desk.grant("case-handler-2", "tawasul-handler", "works")
    names = []
    for _ in range(4):
        reference = await desk.submit()
        await desk.do("case-supervisor", "AssignCase", reference=reference)
        seen = await desk.case("case-supervisor", reference, "assignee { displayName }")
        names.append(seen["assignee"]["displayName"])
    assert abs(names.count("Noora Jasim Fardan") - names.count("Zainab Abdulla Mansoor")) <= 1


async def test_handlers_take_free_cases_and_supervisors_give_them(desk: Any) -> None:
    reference = await desk.submit()
    other = await desk.me("case-handler-2")
    given = {"reference": reference, "assigneeId": other}
    assert await desk.refuses("case-handler", "AssignCase", **given) == "FORBIDDEN"
    assert await desk.refuses("case-supervisor", "AssignCase", **given) == "TAWASUL_NOT_A_HANDLER"
    await desk.grant("case-handler-2", "tawasul-handler", "works")
    await desk.do("case-supervisor", "AssignCase", **given)
    code = await desk.refuses(
        "case-handler", "ResolveCase", reference=reference, reason="DONE", body="x"
    )
    assert code == "TAWASUL_NOT_THE_ASSIGNEE"
    assert await desk.refuses("case-handler", "AssignCase", reference=reference) == (
        "TAWASUL_NOT_THE_ASSIGNEE"
    )


async def test_nobody_works_on_their_own_case(desk: Any) -> None:
    reference = await desk.submit("case-handler")
    me = await desk.me("case-handler")
    code = await desk.refuses("case-handler", "AssignCase", reference=reference, assigneeId=me)
    assert code == "TAWASUL_OWN_CASE"
    code = await desk.refuses("case-supervisor", "AssignCase", reference=reference, assigneeId=me)
    assert code == "TAWASUL_OWN_CASE"


async def offer(desk: Any, who: str, reference: str, agency: str) -> Any:
    return await desk.do(
        who, "TransferCase", reference=reference, agency=agency, reason="It is theirs."
    )


async def test_to_and_fro_ends_at_the_arbiter(desk: Any) -> None:
    reference = await desk.submit()
    assert (
        await desk.refuses(
            "case-handler", "TransferCase", reference=reference, agency="works", reason="x"
        )
        == "TAWASUL_SAME_AGENCY"
    )
    await offer(desk, "case-handler", reference, "municipalities")
    assert await desk.refuses("case-handler", "AcceptTransfer", reference=reference) == "FORBIDDEN"
    declined = await desk.do("case-handler-2", "DeclineTransfer", reference=reference, reason="No.")
    assert (declined["reference"], declined["agency"]["code"]) == (reference, "works")
    assert await desk.case("case-handler-2", reference) is None, "they got a last summary"
    back = await desk.case("case-handler", reference)
    assert (back["status"], back["agency"]["code"]) == ("SUBMITTED", "works")
    await offer(desk, "case-handler", reference, "municipalities")
    await desk.do("coordinator", "DeclineTransfer", reference=reference, reason="No again.")
    assert (await desk.case("case-handler", reference))["status"] == "IN_ARBITRATION"
    waiting = await desk.look("arbiter", "{ tawasulArbitration(first: 5) { nodes { reference } } }")
    assert reference in [n["reference"] for n in waiting["tawasulArbitration"]["nodes"]]
    assert (
        await desk.refuses(
            "case-handler", "ArbitrateTransfer", reference=reference, agency="works", reason="x"
        )
        == "FORBIDDEN"
    )
    decided = await desk.do(
        "arbiter",
        "ArbitrateTransfer",
        reference=reference,
        agency="municipalities",
        reason="Parks.",
    )
    assert (decided["status"], decided["agency"]["code"]) == ("SUBMITTED", "municipalities")
    code = await desk.refuses(
        "case-handler-2", "TransferCase", reference=reference, agency="works", reason="x"
    )
    assert code == "TAWASUL_TRANSFER_SETTLED"


async def test_the_third_transfer_is_the_arbiters(desk: Any) -> None:
    reference = await desk.submit()
    await offer(desk, "case-handler", reference, "municipalities")
    await desk.do("case-handler-2", "AcceptTransfer", reference=reference)
    await offer(desk, "case-handler-2", reference, "works")
    await desk.do("case-handler", "AcceptTransfer", reference=reference, category="sewerage")
    sent = await offer(desk, "case-handler", reference, "municipalities")
    assert sent["status"] == "IN_ARBITRATION"


async def test_duplicates_are_resolved_together_and_can_be_split(desk: Any) -> None:
    head, same, apart = [await desk.submit(who) for who in ("citizen", "citizen-2", "citizen-2")]
    for reference in (same, apart):
        await desk.do("case-handler", "LinkDuplicate", reference=reference, of=head)
    assert await desk.refuses("case-handler", "LinkDuplicate", reference=head, of=same) == (
        "TAWASUL_NOT_A_DUPLICATE"
    )
    assert await desk.refuses("case-handler", "AssignCase", reference=same) == (
        "TAWASUL_IS_DUPLICATE"
    )
    seen = await desk.case("citizen-2", same, "duplicateOf { reference }")
    assert seen["duplicateOf"]["reference"] == head
    assert await desk.case("citizen-2", head) is None
    await desk.do("case-handler", "SplitDuplicate", reference=apart)
    await desk.resolved(head)
    assert (await desk.case("citizen-2", same))["status"] == "RESOLVED"
    assert (await desk.case("citizen-2", apart))["status"] == "SUBMITTED"


REQUEST = "request { id status submitter { displayName } } errors { code }"


async def identity(desk: Any, who: str, verb: str, **fields: Any) -> Any:
    query = (
        f"mutation ($input: Tawasul{verb}Input!) {{ tawasul{verb}(input: $input) {{ {REQUEST} }} }}"
    )
    answer = await desk.ask(who, query, {"input": fields})
    return answer["errors"] if answer.get("errors") else answer["data"][f"tawasul{verb}"]


async def test_an_identity_is_opened_by_two_people(desk: Any) -> None:
    reference = await desk.submit(hideIdentity=True)
    fields = "submitter { displayName }"
    assert (await desk.case("case-handler", reference, fields))["submitter"] is None
    assert (await desk.case("citizen", reference, fields))["submitter"] is not None
    asked = await identity(
        desk, "case-supervisor", "RequestIdentity", reference=reference, reason="A threat."
    )
    request = asked["request"]["id"]
    assert asked["request"]["submitter"] is None
    alone = await identity(desk, "case-supervisor", "ApproveIdentity", requestId=request)
    assert alone["errors"][0]["code"] == "TAWASUL_SECOND_PERSON_NEEDED"
    handler = await identity(desk, "case-handler", "ApproveIdentity", requestId=request)
    assert handler[0]["extensions"]["code"] == "FORBIDDEN"
    await desk.me("coordinator")
    await desk.grant("coordinator", "tawasul-supervisor", "works")
    opened = await identity(desk, "coordinator", "ApproveIdentity", requestId=request)
    assert opened["request"]["status"] == "APPROVED"
    assert opened["request"]["submitter"]["displayName"] == "Maryam Ali Hasan"
    for who, knows in (("case-supervisor", True), ("coordinator", True), ("case-handler", False)):
        seen = await desk.case(who, reference, fields)
        assert (seen["submitter"] is not None) is knows, who
    again = await identity(desk, "coordinator", "ApproveIdentity", requestId=request)
    assert again["errors"][0]["code"] == "TAWASUL_WRONG_STATUS"
    open_case = await desk.submit()
    refused = await identity(
        desk, "case-handler", "RequestIdentity", reference=open_case, reason="x"
    )
    assert refused["errors"][0]["code"] == "TAWASUL_IDENTITY_NOT_HIDDEN"


async def test_templates_are_the_agencys(desk: Any) -> None:
    save = """mutation ($input: TawasulSaveTemplateInput!) { tawasulSaveTemplate(input: $input) {
      template { id title } errors { code } } }"""
    given = {"agency": "works", "title": "Soon", "bodyEn": "Soon.", "bodyAr": "قريباً."}
    made = await desk.look("case-supervisor", save, input=given)
    template = made["tawasulSaveTemplate"]["template"]["id"]
    assert await desk.look("case-handler", save, input=given) == ["FORBIDDEN"]
    listed = """{ tawasulTemplates(agency: "works", first: 5) { nodes { id used } } }"""
    assert await desk.look("case-handler-2", listed) == ["FORBIDDEN"]
    reference = await desk.assigned(await desk.submit())
    await desk.do("case-handler", "Reply", reference=reference, body="Soon.", templateId=template)
    nodes = (await desk.look("case-handler", listed))["tawasulTemplates"]["nodes"]
    assert {"id": template, "used": 1} in nodes
