"""How ``node(id)`` finds the plugin's objects, for whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bawaba import people
from bawaba.graphql import Info
from bawaba.plugin import NodeType

from bawaba_emeeting.graphql.councils import MeetingCouncil, MeetingMember
from bawaba_emeeting.graphql.documents import MeetingComment, MeetingDocument
from bawaba_emeeting.graphql.meetings import Meeting, MeetingAgendaItem
from bawaba_emeeting.graphql.motions import MeetingMotion
from bawaba_emeeting.graphql.payloads import proxies_of
from bawaba_emeeting.services import agendas, ballots, comments, councils, documents, sittings


async def _meetings(info: Info, ids: Sequence[str]) -> Mapping[str, Any]:
    pairs = await sittings.seen(info.context.viewer, ids)
    return {row["id"]: Meeting.of(row, council) for row, council in pairs}


async def _motions(info: Info, ids: Sequence[str]) -> Mapping[str, Any]:
    found = await ballots.of_ids(info.context.viewer, ids)
    return {key: MeetingMotion.of(view) for key, view in found.items()}


async def _documents(info: Info, ids: Sequence[str]) -> Mapping[str, Any]:
    found = await documents.of_ids(info.context.viewer, ids)
    return {key: MeetingDocument.of(row) for key, row in found.items()}


async def _comments(info: Info, ids: Sequence[str]) -> Mapping[str, Any]:
    viewer = info.context.viewer
    rows = (await comments.of_ids(viewer, ids)).values()
    papers = await documents.of_ids(viewer, {row["document_id"] for row in rows})
    mine = [row for row in rows if row["document_id"] in papers]
    names = await people.names({row["author_id"] for row in mine}, info.context.language)
    newest = {key: row["version"] for key, row in papers.items()}
    return {row["id"]: MeetingComment.of(row, newest[row["document_id"]], names) for row in mine}


async def _councils(info: Info, codes: Sequence[str]) -> Mapping[str, Any]:
    del info
    found = await councils.by_codes(codes)
    return {code: MeetingCouncil.of(row) for code, row in found.items()}


async def _members(info: Info, ids: Sequence[str]) -> Mapping[str, Any]:
    rows = await councils.members_by_ids(ids)
    names = await people.names([row["person_id"] for row in rows], info.context.language)
    return {
        row["id"]: MeetingMember.of(row, {row["id"]: names.get(row["person_id"], "")})
        for row in rows
    }


async def _items(info: Info, ids: Sequence[str]) -> Mapping[str, Any]:
    viewer = info.context.viewer
    homes = await agendas.meetings_of_items(ids)
    pairs = await sittings.seen(viewer, set(homes.values()))
    on = await agendas.items([row["id"] for row, _ in pairs])
    return {
        item.row["id"]: MeetingAgendaItem.of(item, inside=councils.attends(viewer, council))
        for row, council in pairs
        for item in on[row["id"]]
        if item.row["id"] in homes
    }


NODES = (
    NodeType("Meeting", _meetings),
    NodeType("MeetingMotion", _motions),
    NodeType("MeetingDocument", _documents),
    NodeType("MeetingComment", _comments),
    NodeType("MeetingCouncil", _councils),
    NodeType("MeetingMember", _members),
    NodeType("MeetingAgendaItem", _items),
    NodeType("MeetingProxy", proxies_of),
)
