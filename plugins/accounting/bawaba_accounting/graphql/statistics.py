"""The statistics in GraphQL."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterable, Mapping, Sequence
from typing import Annotated

import strawberry
from bawaba import catalogue, live
from bawaba.core_types import Agency, Channel, Service
from bawaba.graphql import PUBLIC, After, Money, argument, field, leaf, subscription
from bawaba.text import Text, both
from bawaba.viewer import Viewer

from bawaba_accounting import domain
from bawaba_accounting.graphql.words import AccountingStatisticsChange, Dimension
from bawaba_accounting.services.statistics import statistics

__all__ = ["StatisticsQueries", "StatisticsSubscriptions"]


@strawberry.input(
    description=both(
        "What the statistics cover; an empty list filters nothing.",
        "ما تشمله الإحصاءات؛ القائمة الفارغة لا تستبعد شيئاً.",
    )
)
class AccountingFilter:
    """A filter of the statistics."""

    since: dt.date | None = leaf(
        "The first local day counted.", "أول يوم محسوب.", name="from", default=None
    )
    until: dt.date | None = leaf(
        "The last local day counted.", "آخر يوم محسوب.", name="to", default=None
    )
    services: list[str] | None = leaf(
        "Codes of services, 100 at most.", "رموز الخدمات، 100 على الأكثر.", default=None
    )
    agencies: list[str] | None = leaf(
        "Codes of agencies, 100 at most.", "رموز الجهات، 100 على الأكثر.", default=None
    )
    channels: list[Channel] | None = leaf("Channels.", "القنوات.", default=None)


FilterArgument = Annotated[
    AccountingFilter | None,
    argument("What to count; everything by default.", "ما يُحسب؛ والافتراضي الكل."),
]
GroupByArgument = Annotated[
    list[Dimension] | None,
    argument("By what to group; no groups by default.", "أبعاد التجميع؛ والافتراضي بلا مجموعات."),
]


@strawberry.type(description=both("A calendar period.", "فترة زمنية."))
class AccountingPeriod:
    """A year, month or day."""

    starts_on: dt.date = leaf("Its first day.", "أول أيامها.")
    ends_on: dt.date = leaf("Its last day.", "آخر أيامها.")


@strawberry.type(description=both("The figures of everything asked for.", "مجموع كل ما طُلب."))
class AccountingTotal:
    """Count, gross amount and refunds."""

    count: int = leaf("Settled payment items.", "عدد بنود الدفع المسوّاة.")
    amount: Money = leaf("Their gross amount.", "مبلغها الإجمالي.")
    refunded: Money = leaf("What of it was given back.", "ما رُدّ منه.")


@strawberry.type(description=both("The figures of one group.", "أرقام مجموعة واحدة."))
class AccountingGroup:
    """One group; null in every dimension that was not asked for."""

    service: Service | None = leaf("The service.", "الخدمة.")
    agency: Agency | None = leaf("The agency.", "الجهة.")
    channel: Channel | None = leaf("The channel.", "القناة.")
    gateway: str | None = leaf("The payment gateway's name.", "اسم بوابة الدفع.")
    period: AccountingPeriod | None = leaf(
        "The shortest period that was asked for.", "أقصر فترة طُلبت."
    )
    count: int = leaf("Settled payment items.", "عدد بنود الدفع المسوّاة.")
    amount: Money = leaf("Their gross amount.", "مبلغها الإجمالي.")
    refunded: Money = leaf("What of it was given back.", "ما رُدّ منه.")
    share: float = leaf("Its share of the amount, 0 to 1.", "حصتها من المبلغ، من 0 إلى 1.")
    rank_by_amount: int = leaf("Its rank by amount, from 1.", "ترتيبها حسب المبلغ، بدءاً من 1.")
    rank_by_count: int = leaf("Its rank by count, from 1.", "ترتيبها حسب العدد، بدءاً من 1.")


@strawberry.type(description=both("Figures of the shared accounting.", "أرقام المحاسبة المشتركة."))
class AccountingStatistics:
    """An answer of the statistics."""

    as_of: dt.datetime | None = leaf(
        "When the newest journal was booked; null in empty books.",
        "وقت تسجيل أحدث قيد؛ وقيمته null في الدفاتر الفارغة.",
    )
    total: AccountingTotal = leaf("The sum of everything asked for.", "مجموع كل ما طُلب.")
    groups: list[AccountingGroup] = leaf(
        "The groups, periods in order and then the largest first; 1,000 at most.",
        "المجموعات مرتبة زمنياً ثم من الأكبر؛ 1000 على الأكثر.",
        bound=1000,
    )


@strawberry.type(description=both("A live value of the statistics.", "قيمة حية للإحصاءات."))
class AccountingStatisticsUpdate:
    """One step of the live statistics."""

    cursor: str = leaf(
        "Where it stands; pass it as `after` to resume.", "موضعها؛ يمرر في `after` للاستئناف."
    )
    kind: AccountingStatisticsChange = leaf("Why it was sent.", "سبب الإرسال.")
    statistics: AccountingStatistics = leaf("The figures now.", "الأرقام الآن.")


@strawberry.type
class StatisticsQueries:
    """The statistics as fields of Query."""

    @field(
        permission=PUBLIC,
        cost=20,
        en="The portal's figures since 2007, exact to the fils.",
        ar="أرقام البوابة منذ عام 2007، بدقة الفلس.",
    )
    async def accounting_statistics(
        self,
        filter: FilterArgument = None,  # noqa: A002
        group_by: GroupByArgument = None,
    ) -> AccountingStatistics:
        """Answer from the rollups."""
        return await answered(filter, group_by)


@strawberry.type
class StatisticsSubscriptions:
    """The statistics as fields of Subscription."""

    @subscription(
        permission=PUBLIC,
        audiences=["public"],
        cost=20,
        en="The figures now, and again whenever journals change them.",
        ar="الأرقام الآن، ثم كلما غيّرتها قيود جديدة.",
    )
    async def accounting_statistics_updated(
        self,
        filter: FilterArgument = None,  # noqa: A002
        group_by: GroupByArgument = None,
        after: After = None,
    ) -> AsyncIterable[AccountingStatisticsUpdate]:
        """Follow the topic and answer afresh at each step."""

        async def show(event: live.LiveEvent, _viewer: Viewer) -> AccountingStatisticsUpdate:
            figures = await answered(filter, group_by)
            kind = AccountingStatisticsChange(event.kind)
            return AccountingStatisticsUpdate(cursor=event.cursor, kind=kind, statistics=figures)

        return live.Watch(domain.STATISTICS_TOPIC, live.EVERYONE, show, after)


async def answered(
    asked: AccountingFilter | None, group_by: Sequence[Dimension] | None
) -> AccountingStatistics:
    """Return the statistics asked for, with names out of the catalogue."""
    asked = asked or AccountingFilter()
    found = await statistics(
        domain.StatisticsQuery(
            since=asked.since,
            until=asked.until,
            services=asked.services or (),
            agencies=asked.agencies or (),
            channels=[channel.value for channel in asked.channels or ()],
            dimensions=tuple(dict.fromkeys(group_by or ())),
        )
    )
    names = Names(await catalogue.services(), await catalogue.agencies())
    total = found.total
    return AccountingStatistics(
        as_of=found.as_of,
        total=AccountingTotal(
            count=total.count, amount=Money.of(total.fils), refunded=Money.of(total.refunded)
        ),
        groups=[_group(group, names) for group in found.groups],
    )


class Names:
    """The catalogue; what left it without a trace is named by its code."""

    def __init__(
        self,
        services: Mapping[str, catalogue.Service],
        agencies: Mapping[str, catalogue.Agency],
    ) -> None:
        self._services, self._agencies = services, agencies

    def agency(self, code: str) -> Agency:
        """Return the agency ``code``."""
        return Agency.of(self._agency(code))

    def service(self, code: str) -> Service:
        """Return the service ``code``."""
        named = Text(code, code)
        entry = self._services.get(code) or catalogue.Service(code, code, named, named)
        return Service.of(entry, self._agency(entry.agency))

    def _agency(self, code: str) -> catalogue.Agency:
        return self._agencies.get(code) or catalogue.Agency(code, Text(code, code))


def _group(group: domain.Group, names: Names) -> AccountingGroup:
    figures = group.figures
    period = None
    if group.starts_on is not None and group.ends_on is not None:
        period = AccountingPeriod(starts_on=group.starts_on, ends_on=group.ends_on)
    return AccountingGroup(
        service=names.service(group.service) if group.service else None,
        agency=names.agency(group.agency) if group.agency else None,
        channel=Channel(group.channel) if group.channel else None,
        gateway=group.gateway,
        period=period,
        count=figures.count,
        amount=Money.of(figures.fils),
        refunded=Money.of(figures.refunded),
        share=group.share,
        rank_by_amount=group.rank_by_amount,
        rank_by_count=group.rank_by_count,
    )
