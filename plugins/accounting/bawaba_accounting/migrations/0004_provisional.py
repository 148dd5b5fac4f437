"""Files taken before their day was over; the journals of a refund know which one it is."""

from typing import Any

from tortoise import fields, migrations
from tortoise.migrations import operations as ops

FURTHER = (
    "UPDATE accounting_movement SET refund_id = substr(reference, 8, length(reference) - 13) "
    "WHERE refund_id IS NULL AND reference LIKE 'refund:%:again'"
)


async def name_refunds(_apps: Any, editor: Any) -> None:
    """Give the further journals of refunds, refund:ID:again, the refund's id."""
    await editor.client.execute_query(FURTHER)


class Migration(migrations.Migration):
    dependencies = [("accounting", "0003_periods")]

    initial = False

    operations = [
        ops.AddField(
            model_name="SettlementFile",
            name="provisional",
            field=fields.BooleanField(db_default=False),
        ),
        ops.RunPython(name_refunds),
    ]
