"""Rows of the catalogue: agencies and services that no loaded plugin offers."""

from __future__ import annotations

from tortoise import fields

from bawaba.db import Table


class HistoricAgency(Table):
    """An agency known from brought-forward figures. A plugin's declaration of the code wins."""

    code = fields.CharField(max_length=64, primary_key=True)
    name_en = fields.CharField(max_length=200)
    name_ar = fields.CharField(max_length=200)

    class Meta:
        """Where it is stored."""

        table = "core_historic_agency"


class HistoricService(Table):
    """A service known from brought-forward figures: never payable. A declaration wins.

    ``channels`` are names joined by commas.
    """

    code = fields.CharField(max_length=64, primary_key=True)
    agency = fields.CharField(max_length=64, db_index=True)
    name_en = fields.CharField(max_length=200)
    name_ar = fields.CharField(max_length=200)
    description_en = fields.CharField(max_length=1000)
    description_ar = fields.CharField(max_length=1000)
    channels = fields.CharField(max_length=200)

    class Meta:
        """Where it is stored."""

        table = "core_historic_service"
