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
    viewer, found = info.context.viewer, {}
    for key in ids:
        row = await comments.one(viewer, key)
        if row is None or not await documents.of_ids(viewer, [row["document_id"]]):
            continue
        newest = await comments.newest_version(row["document_id"])
        names = await people.names([row["author_id"]], info.context.language)
        found[key] = MeetingComment.of(row, newest, names)
    return found


async def _councils(info: Info, codes: Sequence[str]) -> Mapping[str, Any]:
    del info
    found = [await councils.by_code(code) for code in codes]
    return {row["code"]: MeetingCouncil.of(row) for row in found if row is not None}


async def _members(info: Info, ids: Sequence[str]) -> Mapping[str, Any]:
    rows = await councils.members_by_ids(ids)
    names = await people.names([row["person_id"] for row in rows], info.context.language)
    return {
        row["id"]: MeetingMember.of(row, {row["id"]: names.get(row["person_id"], "")})
        for row in rows
    }


async def _items(info: Info, ids: Sequence[str]) -> Mapping[str, Any]:
    viewer, found = info.context.viewer, {}
    homes = await agendas.meetings_of_items(ids)
    for row, council in await sittings.seen(viewer, set(homes.values())):
        inside = councils.attends(viewer, council)
        for item in (await agendas.items([row["id"]]))[row["id"]]:
            if item.row["id"] in homes:
                found[item.row["id"]] = MeetingAgendaItem.of(item, inside=inside)
    return found


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
