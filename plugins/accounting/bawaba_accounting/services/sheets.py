"""The statistics as a sheet, for the public page and for the command line."""

from __future__ import annotations

from bawaba import catalogue

from bawaba_accounting.rules.asking import Asked
from bawaba_accounting.rules.sheet import Names, sheet
from bawaba_accounting.services.statistics import statistics

__all__ = ["written"]


async def written(wanted: Asked) -> str:
    """Return the sheet that is asked for: the same figures, rules and limits as in GraphQL.

    Raises:
        BadInput: the range ends before it starts, or a filter is longer than 100.
        ResultTooLarge: more than 1,000 groups.
    """
    found = await statistics(wanted.query)
    services, agencies = await catalogue.services(), await catalogue.agencies()
    names = Names(
        {code: service.name for code, service in services.items()},
        {code: agency.name for code, agency in agencies.items()},
    )
    return sheet(found, wanted, names)
