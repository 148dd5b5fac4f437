"""Following an account: one's own by itself, another's by its number and owner."""

from __future__ import annotations

from bawaba import audit, db
from bawaba.errors import NotFound
from bawaba.paging import Page
from bawaba.viewer import Viewer

from bawaba_payments_ewa.domain import MAX_ACCOUNTS
from bawaba_payments_ewa.models import EwaAccount, EwaLink
from bawaba_payments_ewa.refusals import EwaAccountUnknown, EwaOwnAccount, EwaTooManyAccounts
from bawaba_payments_ewa.services import accounts


async def link(viewer: Viewer, number: str, national_id: str) -> accounts.Row:
    """Follow an account; doing it again changes nothing.

    Raises:
        EwaAccountUnknown: the pair is wrong.
        EwaTooManyAccounts: the viewer follows 50 already.
        Unavailable: the authority does not answer.
    """
    person = viewer.person()
    row = await accounts.look_up(number, national_id)
    if row is None:
        raise EwaAccountUnknown("number")
    async with db.transaction():
        await db.locked(EwaAccount.filter(id=row["id"])).get()
        known = EwaLink.filter(person_id=person)
        if not await known.filter(account_id=row["id"]).exists():
            if await known.count() >= MAX_ACCOUNTS:
                raise EwaTooManyAccounts("number", most=MAX_ACCOUNTS)
            await accounts.follow(person, [row["id"]])
            await audit.record(viewer, "ewa.account.linked", f"EwaAccount:{row['id']}")
    return row


async def unlink(viewer: Viewer, account_id: str) -> accounts.Row:
    """Stop following somebody else's account.

    Raises:
        NotFound: the viewer does not follow it.
        EwaOwnAccount: it is in the viewer's own name.
    """
    person = viewer.person()
    async with db.transaction():
        row = (await accounts.rows_of([account_id])).get(account_id)
        links = EwaLink.filter(person_id=person, account_id=account_id)
        if row is None or not await links.exists():
            raise NotFound("accountId")
        if row["owner_national_id"] == viewer.national_id:
            raise EwaOwnAccount("accountId")
        await links.delete()
        await audit.record(viewer, "ewa.account.unlinked", f"EwaAccount:{account_id}")
    return row


async def page_of(viewer: Viewer, first: int, after: str | None) -> Page:
    """Return a page of the accounts that the viewer follows, by number. Asks nobody."""
    ids = await accounts.of_viewer(viewer)
    return await accounts.page(EwaAccount.filter(id__in=list(ids)), first, after)
