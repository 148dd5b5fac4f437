from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("core", "0003_files")]

    initial = False

    operations = [
        ops.AddField(
            model_name="Person",
            name="suspended_scope",
            field=fields.CharField(null=True, max_length=64),
        ),
    ]
