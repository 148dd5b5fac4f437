"""The tables of the ledger, what guards them, and the seal of a journal."""

# ruff: noqa: ISC004, S608  long statements, of our own words only

from typing import Any

from bawaba.db import append_only, check_constraint
from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

# A journal's row seals it: it goes in after its postings, is compared with them, and no posting may
# follow it. So what is committed balances by the database's own word, on both databases, without
# deferred triggers. A posting whose journal never came is found by the check of the books.
_RANGE = "position BETWEEN {row}.number * 1048576 AND {row}.number * 1048576 + 1048575"
_MISMATCH = (
    "(SELECT COUNT(*) FROM accounting_posting WHERE " + _RANGE + ") <> {row}.lines OR "
    "(SELECT COALESCE(SUM(fils), 0) FROM accounting_posting "
    "WHERE " + _RANGE + " AND side = 'DEBIT') <> {row}.debits OR "
    "(SELECT COALESCE(SUM(fils), 0) FROM accounting_posting "
    "WHERE " + _RANGE + " AND side = 'CREDIT') <> {row}.credits"
)
_UNSEALED = "a journal must equal its postings"
_SEALED = "the journal is sealed"
_SQLITE = [
    "CREATE TRIGGER accounting_journal_seal AFTER INSERT ON accounting_journal FOR EACH ROW "
    f"WHEN {_MISMATCH.format(row='NEW')} BEGIN SELECT RAISE(ABORT, '{_UNSEALED}'); END",
    *(
        f"CREATE TRIGGER {table}_sealed BEFORE INSERT ON {table} FOR EACH ROW "
        "WHEN EXISTS (SELECT 1 FROM accounting_journal WHERE number = NEW.number) "
        f"BEGIN SELECT RAISE(ABORT, '{_SEALED}'); END"
        for table in ("accounting_posting", "accounting_activity")
    ),
]
_POSTGRES = [
    "CREATE FUNCTION accounting_journal_seal() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    "IF EXISTS (SELECT 1 FROM added j LEFT JOIN LATERAL ("
    "SELECT COUNT(*) AS lines, COALESCE(SUM(fils) FILTER (WHERE side = 'DEBIT'), 0) AS debits, "
    "COALESCE(SUM(fils) FILTER (WHERE side = 'CREDIT'), 0) AS credits "
    f"FROM accounting_posting WHERE {_RANGE.format(row='j')}) p ON TRUE "
    "WHERE p.lines <> j.lines OR p.debits <> j.debits OR p.credits <> j.credits) THEN "
    f"RAISE EXCEPTION '{_UNSEALED}' USING ERRCODE = 'integrity_constraint_violation'; END IF; "
    "RETURN NULL; END $$",
    "CREATE TRIGGER accounting_journal_seal AFTER INSERT ON accounting_journal "
    "REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION accounting_journal_seal()",
    "CREATE FUNCTION accounting_sealed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    "IF EXISTS (SELECT 1 FROM added JOIN accounting_journal j ON j.number = added.number) THEN "
    f"RAISE EXCEPTION '{_SEALED}' USING ERRCODE = 'integrity_constraint_violation'; END IF; "
    "RETURN NULL; END $$",
    *(
        f"CREATE TRIGGER {table}_sealed AFTER INSERT ON {table} "
        "REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION accounting_sealed()"
        for table in ("accounting_posting", "accounting_activity")
    ),
]


async def seal(_apps: Any, editor: Any) -> None:
    client = editor.client
    for statement in _SQLITE if client.capabilities.dialect == "sqlite" else _POSTGRES:
        await client.execute_query(statement)


class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name="Account",
            fields=[
                (
                    "code",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=100),
                ),
                ("name_en", fields.CharField(max_length=200)),
                ("name_ar", fields.CharField(max_length=200)),
                ("kind", fields.CharField(max_length=10)),
            ],
            options={
                "table": "accounting_account",
                "app": "accounting",
                "pk_attr": "code",
                "table_description": "An account, opened once and never closed.",
            },
            bases=["Table"],
        ),
        ops.CreateModel(
            name="Activity",
            fields=[
                (
                    "position",
                    fields.BigIntField(
                        generated=False, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("number", fields.BigIntField()),
                ("service", fields.CharField(max_length=64)),
                ("agency", fields.CharField(max_length=64)),
                ("channel", fields.CharField(max_length=20)),
                ("gateway", fields.CharField(max_length=64)),
                ("counted_on", fields.DateField(db_index=True)),
                ("count", fields.BigIntField()),
                ("fils", fields.BigIntField()),
                ("refunded", fields.BigIntField()),
            ],
            options={
                "table": "accounting_activity",
                "app": "accounting",
                "pk_attr": "position",
                "table_description": "What a journal added to the statistics: append-only.",
            },
            bases=["Table"],
        ),
        ops.CreateModel(
            name="Balance",
            fields=[
                (
                    "account",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=100),
                ),
                ("debits", fields.BigIntField(db_default=0)),
                ("credits", fields.BigIntField(db_default=0)),
            ],
            options={
                "table": "accounting_balance",
                "app": "accounting",
                "pk_attr": "account",
                "table_description": "The totals of both sides of an account now. The zero row is made with the account.",
            },
            bases=["Table"],
        ),
        ops.CreateModel(
            name="ChainHead",
            fields=[
                (
                    "id",
                    fields.SmallIntField(
                        generated=False, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("number", fields.BigIntField()),
                ("hash", fields.CharField(max_length=64)),
                ("booked_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "accounting_chain",
                "app": "accounting",
                "pk_attr": "id",
                "table_description": "The end of the chain: one row, and the one lock of the ledger.",
            },
            bases=["Table"],
        ),
        ops.CreateModel(
            name="IntegrityRun",
            fields=[
                (
                    "id",
                    fields.SmallIntField(
                        generated=False, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("checked", fields.BigIntField()),
                ("head_hash", fields.CharField(max_length=64)),
                ("is_intact", fields.BooleanField()),
                ("fault_number", fields.BigIntField(null=True)),
                ("fault_journal_id", fields.CharField(null=True, max_length=32)),
                ("fault_en", fields.TextField(null=True, unique=False)),
                ("fault_ar", fields.TextField(null=True, unique=False)),
                ("checked_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "accounting_integrity",
                "app": "accounting",
                "pk_attr": "id",
                "table_description": "The last finished check of the books: one row.",
            },
            bases=["Table"],
        ),
        ops.CreateModel(
            name="JournalRow",
            fields=[
                (
                    "id",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=32),
                ),
                ("number", fields.BigIntField(unique=True)),
                ("reference", fields.CharField(unique=True, max_length=200)),
                ("kind", fields.CharField(max_length=32)),
                ("description_en", fields.TextField(unique=False)),
                ("description_ar", fields.TextField(unique=False)),
                ("effective_on", fields.DateField()),
                ("booked_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("payment_id", fields.CharField(null=True, db_index=True, max_length=64)),
                ("reverses_id", fields.CharField(null=True, db_index=True, max_length=32)),
                ("correlation_id", fields.CharField(max_length=128)),
                ("lines", fields.IntField()),
                ("debits", fields.BigIntField()),
                ("credits", fields.BigIntField()),
                ("previous_hash", fields.CharField(max_length=64)),
                ("hash", fields.CharField(max_length=64)),
            ],
            options={
                "table": "accounting_journal",
                "app": "accounting",
                "indexes": [Index(fields=["booked_at", "number"])],
                "pk_attr": "id",
                "table_description": "A journal: append-only. ``number`` is gapless and is its place in the chain.",
            },
            bases=["Table"],
        ),
        ops.CreateModel(
            name="PostingRow",
            fields=[
                (
                    "position",
                    fields.BigIntField(
                        generated=False, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("number", fields.BigIntField()),
                ("account", fields.CharField(max_length=100)),
                ("side", fields.CharField(max_length=6)),
                ("fils", fields.BigIntField()),
                ("currency", fields.CharField(max_length=3)),
                ("debits_after", fields.BigIntField()),
                ("credits_after", fields.BigIntField()),
            ],
            options={
                "table": "accounting_posting",
                "app": "accounting",
                "indexes": [Index(fields=["account", "position"])],
                "pk_attr": "position",
                "table_description": "A posting: append-only. ``debits_after`` and ``credits_after`` are its account's then.",
            },
            bases=["Table"],
        ),
        ops.CreateModel(
            name="Reversal",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("journal_id", fields.CharField(max_length=32)),
                ("account", fields.CharField(max_length=100)),
                ("posted", fields.BigIntField()),
                ("reversed", fields.BigIntField()),
            ],
            options={
                "table": "accounting_reversal",
                "app": "accounting",
                "unique_together": (("journal_id", "account"),),
                "pk_attr": "id",
                "table_description": "How much of a journal was reversed, by account and (account ``*``) as a whole.",
            },
            bases=["Table"],
        ),
        ops.CreateModel(
            name="Rollup",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("grain", fields.CharField(max_length=5)),
                ("starts_on", fields.DateField()),
                ("service", fields.CharField(max_length=64)),
                ("agency", fields.CharField(max_length=64)),
                ("channel", fields.CharField(max_length=20)),
                ("gateway", fields.CharField(max_length=64)),
                ("count", fields.BigIntField()),
                ("fils", fields.BigIntField()),
                ("refunded", fields.BigIntField()),
            ],
            options={
                "table": "accounting_rollup",
                "app": "accounting",
                "unique_together": (
                    ("grain", "starts_on", "service", "agency", "channel", "gateway"),
                ),
                "pk_attr": "id",
                "table_description": "The statistics of one cell over one period, kept by the statement that books.",
            },
            bases=["Table"],
        ),
        check_constraint(
            table="accounting_account",
            name="ck_accounting_account_kind",
            sql="kind IN ('ASSET', 'LIABILITY', 'REVENUE', 'EXPENSE', 'EQUITY')",
        ),
        check_constraint(
            table="accounting_activity",
            name="ck_accounting_activity_position",
            sql="position / 1048576 = number",
        ),
        check_constraint(
            table="accounting_balance",
            name="ck_accounting_balance_sides",
            sql="debits >= 0 AND credits >= 0",
        ),
        check_constraint(
            table="accounting_chain",
            name="ck_accounting_chain_single",
            sql="id = 1",
        ),
        check_constraint(
            table="accounting_integrity",
            name="ck_accounting_integrity_single",
            sql="id = 1",
        ),
        check_constraint(
            table="accounting_journal",
            name="ck_accounting_journal_balanced",
            sql="debits = credits AND debits > 0",
        ),
        check_constraint(
            table="accounting_journal",
            name="ck_accounting_journal_number",
            sql="number > 0",
        ),
        check_constraint(
            table="accounting_posting",
            name="ck_accounting_posting_fils",
            sql="fils > 0",
        ),
        check_constraint(
            table="accounting_posting",
            name="ck_accounting_posting_side",
            sql="side IN ('DEBIT', 'CREDIT')",
        ),
        check_constraint(
            table="accounting_posting",
            name="ck_accounting_posting_currency",
            sql="currency = 'BHD'",
        ),
        check_constraint(
            table="accounting_posting",
            name="ck_accounting_posting_position",
            sql="position / 1048576 = number",
        ),
        check_constraint(
            table="accounting_reversal",
            name="ck_accounting_reversal_left",
            sql="reversed >= 0 AND reversed <= posted",
        ),
        check_constraint(
            table="accounting_rollup",
            name="ck_accounting_rollup_grain",
            sql="grain IN ('TOTAL', 'YEAR', 'MONTH', 'DAY')",
        ),
        append_only(table="accounting_journal"),
        append_only(table="accounting_posting"),
        append_only(table="accounting_activity"),
        ops.RunPython(seal),
    ]
