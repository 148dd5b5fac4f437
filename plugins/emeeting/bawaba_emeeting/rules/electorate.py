"""Who may cast for whom: frozen when voting opens, and the law of proxies."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from bawaba_emeeting.domain import Elector, Electorate, Proxy, Rules, Seat
from bawaba_emeeting.refusals import (
    NoProxies,
    NotAVotingMember,
    ProxyChain,
    ProxyTooHeavy,
    TooManyProxies,
)


def freeze(
    seats: Sequence[Seat],
    here: Collection[str],
    proxies: Sequence[Proxy],
    recused: Collection[str],
) -> list[Elector]:
    """Return who may cast, for whom and of what weight, in order of member and caster.

    Who is there casts for themselves; who is not is cast for by those to whom they gave their
    vote, if these are there. A recused member neither casts nor is cast for.
    """
    found = []
    for seat in seats:
        if not seat.votes or seat.id in recused:
            continue
        if seat.id in here:
            found.append(Elector(seat.id, seat.id, seat.weight))
            continue
        found += [
            Elector(seat.id, proxy.holder_id, proxy.weight)
            for proxy in proxies
            if proxy.giver_id == seat.id
            and proxy.holder_id in here
            and proxy.holder_id not in recused
        ]
    return sorted(found, key=lambda each: (each.member_id, each.caster_id))


def allowed(proxies: Sequence[Proxy], rules: Rules) -> list[Proxy]:
    """Return the proxies that count under the rules: of each holder the first givers'.

    Args:
        proxies: in the order in which they were given.
    """
    found: list[Proxy] = []
    givers: dict[str, set[str]] = {}
    for proxy in proxies:
        of = givers.setdefault(proxy.holder_id, set())
        if proxy.giver_id in of or len(of) < rules.proxies_per_holder:
            of.add(proxy.giver_id)
            found.append(proxy)
    return found


def weighed(
    seats: Sequence[Seat],
    here: Collection[str],
    electors: Sequence[Elector],
    recused: Collection[str],
    rules: Rules,
) -> Electorate:
    """Return the electorate's weights."""
    entitled = sum(elector.weight for elector in electors)
    aside = sum(s.weight for s in seats if s.votes and s.id in here and s.id in recused)
    return Electorate(
        entitled=entitled,
        present=entitled + (aside if rules.recused_count else 0),
        everybody=sum(seat.weight for seat in seats if seat.votes),
    )


def check_proxy(
    giver: Seat,
    holder: Seat | None,
    weight: int,
    given: Sequence[Proxy],
    rules: Rules,
) -> None:
    """Pass, or refuse: one level, may be split, no chains.

    Args:
        weight: of the giver's own weight.
        given: all proxies of the meeting that stand.

    Raises:
        NoProxies: the rules know none.
        NotAVotingMember: giver or holder does not vote, or they are the same.
        ProxyChain: the giver holds somebody's vote, or the holder gave theirs away.
        ProxyTooHeavy: more than is left of the giver's weight.
        TooManyProxies: the holder holds as many as the rules allow.
    """
    if rules.proxies_per_holder == 0:
        raise NoProxies("meetingId")
    if holder is None or not holder.votes or not giver.votes or holder.id == giver.id:
        raise NotAVotingMember("holderId")
    if any(p.holder_id == giver.id or p.giver_id == holder.id for p in given):
        raise ProxyChain("holderId")
    spent = sum(p.weight for p in given if p.giver_id == giver.id)
    if not 1 <= weight <= giver.weight - spent:
        raise ProxyTooHeavy("weight", left=giver.weight - spent)
    others = {p.giver_id for p in given if p.holder_id == holder.id}
    if len(others - {giver.id}) >= rules.proxies_per_holder or any(
        p.giver_id == giver.id and p.holder_id == holder.id for p in given
    ):
        raise TooManyProxies("holderId", most=rules.proxies_per_holder)
