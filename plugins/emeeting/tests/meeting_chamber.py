"""A council's chamber as its front ends see it."""

from __future__ import annotations

import base64
import itertools
import secrets
from dataclasses import dataclass, field
from typing import Any

from bawaba.graphql import split_id
from bawaba.host.host import Host
from bawaba.testing.clock import FrozenClock
from bawaba.testing.plugin import Ask
from bawaba.viewer import Viewer

SCREEN = """
fragment Screen on Meeting {
  id number kind title status scheduledAt convening waitUntil isTrial
  quorum { required present entitled isMet explanation }
  presiding { id displayName }
  currentItem { id }
  agenda {
    id position title status
    documents { id title version sha256 url }
    motions { id text status ballot tally { yes no abstain notVoted entitled } outcome }
  }
  attendance { member { id displayName role } status at }
}
"""
MOTION = """
fragment Motion on MeetingMotion {
  id text ballot majority base status openedAt closedAt outcome explanation warning
  tally { yes no abstain notVoted entitled }
  candidates { id name votes isElected }
  votes { member { id displayName } choice weight castBy { id displayName } candidate { id } }
}
"""
MEETING_VERBS = {
    "Schedule", "Convene", "Recount", "Adjourn", "CheckIn", "RecordAttendance", "MoveToAgendaItem",
}  # fmt: skip
KEYED = {"OpenVoting", "CastVote", "CloseVoting", "CastingVote", "AnnulVoting", "DrawLot"}
MEMBERS = ("chair", *(f"member-{number}" for number in range(2, 9)))
_keys = itertools.count()


def nonce() -> str:
    """Return 32 fresh random bytes as a tablet makes them."""
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode().rstrip("=")


@dataclass
class Chamber:
    """The demo's council, on one host whose clock a test moves."""

    host: Host
    ask: Ask
    clock: FrozenClock
    meeting: str = ""
    members: dict[str, str] = field(default_factory=dict)

    async def enter(self) -> None:
        """Find the meeting and the members' ids."""
        query = """{ meetingCouncil(code: "muharraq-municipal") {
          members(first: 100) { nodes { id displayName } }
          meetings(first: 1) { nodes { id } } } }"""
        council = (await self.look("operator", query))["meetingCouncil"]
        self.meeting = council["meetings"]["nodes"][0]["id"]
        names = {node["displayName"]: node["id"] for node in council["members"]["nodes"]}
        for person in self.host.runtime.registry.demo_people():
            if person.name.en in names:
                self.members[person.handle] = names[person.name.en]

    async def look(self, who: str | None, query: str, **variables: Any) -> Any:
        """Run a query; return its data, or the codes of its errors."""
        answer = await self.ask(who, query, variables)
        if answer.get("errors"):
            return [error["extensions"]["code"] for error in answer["errors"]]
        return answer["data"]

    async def act(self, who: str | None, verb: str, **fields: Any) -> tuple[Any, list[str]]:
        """Run ``meeting<verb>``; return its payload and the codes of its errors."""
        fragment, chosen = _selection(verb)
        if verb in MEETING_VERBS - {"Schedule", "MoveToAgendaItem"} or verb.endswith("Minutes"):
            fields = {"meetingId": self.meeting, **fields}
        if verb in KEYED:
            fields = {"idempotencyKey": f"key-{next(_keys)}", **fields}
        query = (
            f"mutation ($input: Meeting{verb}Input!) {{ meeting{verb}(input: $input) "
            f"{{ {chosen} errors {{ code message path }} }} }} {fragment}"
        )
        answer = await self.ask(who, query, {"input": fields})
        if answer.get("errors"):
            return None, [error["extensions"]["code"] for error in answer["errors"]]
        payload = answer["data"][f"meeting{verb}"]
        return payload, [error["code"] for error in payload["errors"]]

    async def do(self, who: str, verb: str, **fields: Any) -> Any:
        """As :meth:`act`, which must not refuse; return what became of it."""
        payload, errors = await self.act(who, verb, **fields)
        assert errors == [], (who, verb, errors, payload)
        return next(value for name, value in payload.items() if name != "errors")

    async def refuses(self, who: str | None, verb: str, **fields: Any) -> str:
        """As :meth:`act`, which must refuse; return the one code."""
        _, errors = await self.act(who, verb, **fields)
        assert len(errors) == 1, (who, verb, errors)
        return errors[0]

    async def screen(self, who: str | None = "operator") -> Any:
        """Return the meeting as somebody sees it."""
        query = "query ($id: ID!) { node(id: $id) { ... on Meeting { ...Screen } } }" + SCREEN
        return (await self.look(who, query, id=self.meeting))["node"]

    async def motion(self, identifier: str, who: str | None = "operator") -> Any:
        """Return a motion as somebody sees it."""
        query = "query ($id: ID!) { node(id: $id) { ... on MeetingMotion { ...Motion } } }" + MOTION
        return (await self.look(who, query, id=identifier))["node"]

    async def arrive(self, *who: str) -> None:
        """Have members check in."""
        for each in who:
            await self.do(each, "CheckIn")

    async def convened(self, *who: str) -> None:
        """Have members check in, and the meeting convened; all eight by default."""
        await self.arrive(*(who or MEMBERS))
        assert (await self.do("operator", "Convene"))["status"] == "IN_SESSION"

    async def proposed(self, item: int = 1, **fields: Any) -> str:
        """Have a motion proposed on an item; return its id."""
        agenda = (await self.screen())["agenda"]
        asked = {
            "agendaItemId": agenda[item]["id"],
            "text": "Adopt it",
            "ballot": "OPEN",
            "majority": "SIMPLE",
            "base": "CAST",
        }
        return str((await self.do("chair", "ProposeMotion", **(asked | fields)))["id"])

    async def opened(self, **fields: Any) -> str:
        """Have a motion proposed and its voting opened by who presides; return its id."""
        motion = await self.proposed(**fields)
        await self.do("operator", "OpenVoting", motionId=motion)
        return motion

    async def vote(self, motion: str, **choices: str) -> None:
        """Have members vote openly: ``chair="YES", member_2="NO"``."""
        for who, choice in choices.items():
            await self.do(who.replace("_", "-"), "CastVote", motionId=motion, choice=choice)

    async def closed(self, motion: str) -> Any:
        """Close the voting; return the motion."""
        return await self.do("operator", "CloseVoting", motionId=motion)

    async def amend(self, **fields: Any) -> None:
        """Amend the council's rules from now on."""
        await self.do(
            "council-registrar",
            "AmendRules",
            council="muharraq-municipal",
            effectiveFrom=self.clock.now().isoformat(),
            reason="As tested.",
            **fields,
        )

    async def attend(self, who: str, status: str, by: str = "operator", **fields: Any) -> Any:
        """Have the attendance of a member recorded."""
        member = self.members[who]
        return await self.do(by, "RecordAttendance", memberId=member, status=status, **fields)

    async def viewer(self, who: str) -> Viewer:
        """Return a person as a request that is let in now sees them."""
        query = "{ me { id devices(first: 1) { nodes { id } } } }"
        me = (await self.look(who, query))["me"]
        person, device = (split_id(i) for i in (me["id"], me["devices"]["nodes"][0]["id"]))
        assert person is not None
        assert device is not None
        grants = {"meeting.attend": frozenset({"muharraq-municipal"})}
        return Viewer(person_id=person[1], device_id=device[1], grants=grants)

    async def run(self, job: str, payload: dict[str, Any]) -> None:
        """Run a job of the plugin now."""
        jobs = {each.name: each for each in self.host.runtime.registry.all("declare_jobs")}
        with self.host.unit():
            await jobs[job].run(payload)


_COUNCIL = "council { code quorumRule adoption { status isTrial operator { displayName } } }"
_OTHERS = {
    "GiveProxy": "proxy { id weight giver { id } holder { id } revokedAt }",
    "RevokeProxy": "proxy { id weight giver { id } holder { id } revokedAt }",
    "AmendRules": _COUNCIL,
    "RecordAdoption": _COUNCIL,
    "AppointOperator": _COUNCIL,
    "AddDocument": "document { id title version sha256 url }",
    "Comment": "comment { id body quote page visibility isStale author { displayName } }",
}
_MINUTES = "meeting { id minutes { status version approvedAt seal sections { key text } } }"


def _selection(verb: str) -> tuple[str, str]:
    if verb in MEETING_VERBS:
        return SCREEN, "meeting { ...Screen }"
    if verb in _OTHERS or verb.endswith("Minutes"):
        return "", _OTHERS.get(verb, _MINUTES)
    more = " receipt receipts" if verb == "CastVote" else ""
    return MOTION, "motion { ...Motion }" + more
