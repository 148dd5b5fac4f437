"""An agency's own system is told of each case that goes there, once, without anybody's name."""

from __future__ import annotations

from typing import Any

from bawaba.host.correspondence.models import LetterEntry
from bawaba.testing.fakes import FakeCorrespondence
from bawaba_tawasul import plugin
from bawaba_tawasul.services import letters


def recorded(desk: Any) -> FakeCorrespondence:
    """Have letters go by hand, and keep them."""
    fake = FakeCorrespondence(plugin.declare_correspondents())
    desk.host.runtime.correspondence = fake
    return fake


async def offered(desk: Any, **changed: Any) -> str:
    reference: str = await desk.submit(**changed)
    await desk.do(
        "case-handler", "TransferCase", reference=reference, agency="municipalities",
        reason="internal-zq-reason",
    )  # fmt: skip
    return reference


async def accept(desk: Any, reference: str) -> None:
    await desk.do("case-handler-2", "AcceptTransfer", reference=reference)


async def test_the_new_agency_is_told_and_no_name_or_note_goes_along(desk: Any) -> None:
    fake = recorded(desk)
    reference = await offered(desk, subject="A hidden pothole", hideIdentity=True)
    await desk.host.parts.worker.run_due()
    assert fake.letters == [], "an offer is not yet a transfer"
    await accept(desk, reference)
    await desk.host.parts.worker.run_due()
    (letter,) = fake.letters
    assert (letter.agency, letter.kind) == ("municipalities", letters.TRANSFERRED)
    assert set(letter.body) == {
        "reference", "subject", "body", "address", "kind", "category", "agency", "fromAgency",
        "submittedAt", "transferredAt", "dueAt",
    }  # fmt: skip
    assert letter.body["reference"] == reference
    assert (letter.body["fromAgency"], letter.body["subject"]) == ("works", "A hidden pothole")
    words = str(dict(letter.body))
    assert "internal-zq-reason" not in words
    assert "Maryam" not in words


async def test_an_agency_that_is_down_is_told_later_what_was_true_then(desk: Any) -> None:
    fake = recorded(desk)
    fake.down.add("municipalities")
    reference = await offered(desk)
    await accept(desk, reference)
    due = (await desk.case("citizen", reference))["dueAt"]
    await desk.host.parts.worker.run_due()
    assert fake.letters == []
    fake.down.clear()
    desk.clock.advance(seconds=30)
    await desk.host.parts.worker.run_due()
    (letter,) = fake.letters
    assert letter.body["dueAt"][:19] == due[:19]


async def test_the_real_port_keeps_the_letter_in_both_logs(desk: Any) -> None:
    reference = await offered(desk)
    await accept(desk, reference)
    await desk.host.parts.worker.run_due()
    with desk.host.unit():
        rows = await LetterEntry.filter(kind=letters.TRANSFERRED).order_by("number").values()
    assert [row["keeper"] for row in rows] == ["municipalities", "platform"]
    assert rows[0]["correlation_id"] == rows[1]["correlation_id"]
