from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("core", "0007_letters_waiting")]

    initial = False

    operations = [
        ops.AddField(
            model_name="Dispute",
            name="refunded_fils",
            field=fields.BigIntField(default=0, db_default=0),
        ),
        ops.AddField(
            model_name="PaymentItem",
            name="held_at",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name="Refund",
            name="sent_at",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name="RefundLine",
            name="held",
            field=fields.BooleanField(default=False, db_default=False),
        ),
    ]
