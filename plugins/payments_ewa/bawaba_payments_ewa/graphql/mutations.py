"""Following accounts, and choosing how one's own is billed."""

from __future__ import annotations

from typing import Annotated

import strawberry
from bawaba.graphql import Info, argument, field, raw_id

from bawaba_payments_ewa.graphql.accounts import EwaAccount
from bawaba_payments_ewa.graphql.inputs import (
    EwaEnrolFixedInput,
    EwaEnrolFixedPayload,
    EwaLeaveFixedInput,
    EwaLeaveFixedPayload,
    EwaLinkAccountInput,
    EwaLinkAccountPayload,
    EwaUnlinkAccountInput,
    EwaUnlinkAccountPayload,
)
from bawaba_payments_ewa.graphql.queries import count_try
from bawaba_payments_ewa.services import links, plans

LinkInput = Annotated[EwaLinkAccountInput, argument("The account.", "الحساب.")]
UnlinkInput = Annotated[EwaUnlinkAccountInput, argument("The account.", "الحساب.")]
EnrolInput = Annotated[EwaEnrolFixedInput, argument("The account.", "الحساب.")]
LeaveInput = Annotated[EwaLeaveFixedInput, argument("The account.", "الحساب.")]


@strawberry.type
class EwaMutation:
    """Roots under Mutation."""

    @field(
        permission="ewa.use",
        cost=10,
        en="Follow an account, by its number and its owner's personal number.",
        ar="متابعة حساب برقمه وبالرقم الشخصي لصاحبه.",
    )
    async def ewa_link_account(self, info: Info, input: LinkInput) -> EwaLinkAccountPayload:
        """Link an account to oneself; doing it again changes nothing."""
        count_try(info, input.number, input.national_id)
        row = await links.link(info.context.viewer, input.number, input.national_id)
        return EwaLinkAccountPayload(account=EwaAccount.of(row, is_open=True), errors=[])

    @field(
        permission="ewa.use",
        en="Stop following somebody else's account.",
        ar="إلغاء متابعة حساب ليس باسمك.",
    )
    async def ewa_unlink_account(self, info: Info, input: UnlinkInput) -> EwaUnlinkAccountPayload:
        """Unlink an account."""
        about = raw_id(input.account_id, "EwaAccount", "accountId")
        row = await links.unlink(info.context.viewer, about)
        return EwaUnlinkAccountPayload(account=EwaAccount.of(row, is_open=False), errors=[])

    @field(
        permission="ewa.use",
        en="Put one's own account on fixed monthly billing, from the next bill on.",
        ar="تحويل حسابك إلى الفوترة الشهرية الثابتة اعتباراً من الفاتورة القادمة.",
    )
    async def ewa_enrol_fixed(self, info: Info, input: EnrolInput) -> EwaEnrolFixedPayload:
        """Enrol; an account that was leaving stays."""
        about = raw_id(input.account_id, "EwaAccount", "accountId")
        row = await plans.enrol(info.context.viewer, about)
        return EwaEnrolFixedPayload(account=EwaAccount.of(row, is_open=True), errors=[])

    @field(
        permission="ewa.use",
        en="Leave fixed billing; the next bill settles the difference.",
        ar="إنهاء الفوترة الثابتة؛ وتُسوّى الفروق في الفاتورة القادمة.",
    )
    async def ewa_leave_fixed(self, info: Info, input: LeaveInput) -> EwaLeaveFixedPayload:
        """Leave fixed billing."""
        about = raw_id(input.account_id, "EwaAccount", "accountId")
        row = await plans.leave(info.context.viewer, about)
        return EwaLeaveFixedPayload(account=EwaAccount.of(row, is_open=True), errors=[])
