"""The database, as a plugin sees it: transactions, locks, raw statements, migration operations.

Rows are Tortoise models. A plugin's models module declares them; its migrations package creates
them (``bawaba migrations make``). How to declare constraints so that PostgreSQL and SQLite both
have them:

- ``unique=True``, ``OneToOneField``, ``Meta.unique_together``, ``ForeignKeyField`` and
  ``index=True`` are
  real as they stand, when the table is created.
- ``Meta.constraints = [CheckConstraint(check="amount > 0", name="ck_bill_amount")]`` and
  ``UniqueConstraint(fields=("payer_id",), name="uq_open", condition="state = 'open'")`` are real
  through the operations ``check_constraint`` and ``partial_unique``, which ``migrations make``
  writes for you.
- ``append_only(table)``, and ``search_index(table, key, column)`` for full text, are written by
  hand into the migration that creates the table.
- A column added later needs ``null=True`` or ``db_default``; columns are not altered or removed.

Money columns are ``BigIntField`` of fils. Write with model instances; list with ``.values(…)``.
"""

from __future__ import annotations

from tortoise.exceptions import IntegrityError
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from tortoise.models import Model

from bawaba.host.storage.errors import StorageUnavailable, TransactionFailed
from bawaba.host.storage.grouping import Grouped
from bawaba.host.storage.operations import (
    add_index,
    append_only,
    check_constraint,
    partial_unique,
    search_index,
)
from bawaba.host.storage.transaction import (
    after_commit,
    copy_rows,
    dialect,
    execute,
    execute_many,
    fetch,
    in_transaction,
    locked,
    matching,
    require_transaction,
    retrying,
    skip_locked,
    transaction,
    word_query,
)

__all__ = [
    "CheckConstraint",
    "Grouped",
    "IntegrityError",
    "StorageUnavailable",
    "Table",
    "TransactionFailed",
    "UniqueConstraint",
    "add_index",
    "after_commit",
    "append_only",
    "check_constraint",
    "copy_rows",
    "dialect",
    "execute",
    "execute_many",
    "fetch",
    "in_transaction",
    "locked",
    "matching",
    "partial_unique",
    "require_transaction",
    "retrying",
    "search_index",
    "skip_locked",
    "transaction",
    "word_query",
]


class Table(Model):
    """Base of every row class. ``Meta.table`` should begin with the plugin's prefix."""

    class Meta:
        abstract = True
