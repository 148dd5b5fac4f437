"""Giving one's vote to another member for one meeting, and taking it back."""

from __future__ import annotations

from collections.abc import Collection

from bawaba import db, runtime
from bawaba.errors import Forbidden, NotFound
from bawaba.viewer import Viewer

from bawaba_emeeting.domain import LogKind, MeetingRole
from bawaba_emeeting.models import MeetingProxy
from bawaba_emeeting.rules import electorate as law
from bawaba_emeeting.services import councils, log, sittings
from bawaba_emeeting.services.councils import Row, seat_of
from bawaba_emeeting.services.presence import proxies_of
from bawaba_emeeting.services.sittings import begin, require_not_over

PROXY = ("id", "meeting_id", "giver_id", "holder_id", "weight", "given_at", "revoked_at")


async def give(viewer: Viewer, meeting_id: str, holder_id: str, weight: int | None) -> str:
    """Give one's vote, or a part of its weight, to another member; return the proxy's id.

    It counts in votes that open while the giver is away and the holder is there.

    Raises:
        NotFound, Forbidden, NotAMember, WrongStatus: see ``sittings``.
        NoProxies, NotAVotingMember, ProxyChain, ProxyTooHeavy, TooManyProxies: see there.
    """
    async with db.transaction():
        work = await begin(viewer, meeting_id)
        require_not_over(work)
        giver, other = seat_of(work.me), work.chamber.member(holder_id)
        given = await proxies_of(meeting_id)
        spent = sum(proxy.weight for proxy in given if proxy.giver_id == giver.id)
        wanted = giver.weight - spent if weight is None else weight
        holder = None if other is None else seat_of(other)
        law.check_proxy(giver, holder, wanted, given, work.chamber.rules)
        proxy = await MeetingProxy.create(
            id=runtime.new_id(),
            meeting_id=meeting_id,
            giver_id=giver.id,
            holder_id=holder_id,
            weight=wanted,
            given_at=work.at,
        )
        await log.append(
            work.row,
            LogKind.PROXY_GIVEN,
            viewer,
            member=giver.id,
            subject=proxy.id,
            by_id=giver.id,
            data={"holder": holder_id, "weight": wanted},
        )
        await work.row.save()
        await log.announce(meeting_id, LogKind.PROXY_GIVEN.value)
    return str(proxy.id)


async def revoke(viewer: Viewer, proxy_id: str) -> None:
    """Take a proxy back; votes that are open already keep it. Taking it back again is nothing.

    Raises:
        NotFound: there is none. Forbidden: it is somebody else's, and the viewer not the operator.
    """
    async with db.transaction():
        found = await MeetingProxy.filter(id=proxy_id).first()
        if found is None:
            raise NotFound("proxyId")
        work = await begin(viewer, found.meeting_id, path="proxyId")
        proxy = await db.locked(MeetingProxy.filter(id=proxy_id)).get()
        operates = MeetingRole(work.me["role"]) is MeetingRole.OPERATOR
        if proxy.giver_id != work.me["id"] and not operates:
            raise Forbidden
        if proxy.revoked_at is not None:
            return
        proxy.revoked_at = work.at
        await proxy.save(update_fields=["revoked_at"])
        await log.append(
            work.row,
            LogKind.PROXY_REVOKED,
            viewer,
            member=proxy.giver_id,
            subject=proxy.id,
            by_id=work.me["id"],
        )
        await work.row.save()
        await log.announce(proxy.meeting_id, LogKind.PROXY_REVOKED.value)


async def of_ids(viewer: Viewer, ids: Collection[str]) -> list[tuple[Row, Row, Row]]:
    """Return (proxy, giver, holder) of those proxies that the viewer may see."""
    rows = await MeetingProxy.filter(id__in=list(set(ids))).values(*PROXY)
    pairs = await sittings.seen(viewer, {row["meeting_id"] for row in rows})
    inside = {meeting["id"] for meeting, council in pairs if councils.attends(viewer, council)}
    mine = [row for row in rows if row["meeting_id"] in inside]
    wanted = {row[name] for row in mine for name in ("giver_id", "holder_id")}
    members = {row["id"]: row for row in await councils.members_by_ids(wanted)}
    return [(row, members[row["giver_id"]], members[row["holder_id"]]) for row in mine]
