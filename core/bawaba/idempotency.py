"""Do a thing once per key, however often it is asked for.

A mutation that moves money or counts a vote takes ``idempotencyKey``. Same key and same input: the
same answer. Same key, other input: IDEMPOTENCY_KEY_REUSED. While the first is at work:
IDEMPOTENCY_IN_PROGRESS. Keys belong to a person and an operation and are kept for
``BAWABA_IDEMPOTENCY_RETENTION`` seconds, a day at least.

The work does what is slow first, then changes rows in one transaction, and inside it says what its
answer will be, so that the work and its completion are stored together or not at all::

    async def work() -> str:
        price = await agency.price(fine)            # slow: outside the transaction
        async with transaction():
            objection = await store(fine, price)
            await idempotency.done(objection.id)
        return objection.id

    objection_id = await idempotency.once(viewer, "parking.object", key, [fine, grounds], work)
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import orjson
import structlog

from bawaba.db import StorageUnavailable, in_transaction, require_transaction, transaction
from bawaba.errors import BadInput, Refusal, TryAgain
from bawaba.host.idempotency.models import IdempotencyKey
from bawaba.runtime import new_id, now
from bawaba.text import Language, Text
from bawaba.viewer import Viewer

__all__ = ["IdempotencyInProgress", "IdempotencyKeyReused", "done", "once"]

log = structlog.get_logger(__name__)

TAKE_OVER_AFTER = dt.timedelta(seconds=60)
"""An attempt older than this is taken for dead; if it lives after all, it can store nothing."""
MAX_KEY = 200
_IN_PROGRESS, _DONE, _REFUSED = "IN_PROGRESS", "DONE", "REFUSED"


class IdempotencyKeyReused(Refusal):
    """The key was used with another input. Make a new key for each new wish of the user."""

    code = "IDEMPOTENCY_KEY_REUSED"
    text = Text(
        "This idempotency key was used for another request.",
        "سبق استخدام مفتاح عدم التكرار هذا لطلب آخر.",
    )


class IdempotencyInProgress(TryAgain):
    """The same request is being served right now. Ask again in a moment, with the same key."""

    code = "IDEMPOTENCY_IN_PROGRESS"
    text = Text(
        "The same request is being processed. Ask again in a moment.",
        "الطلب نفسه قيد التنفيذ. أعد المحاولة بعد لحظات.",
    )


@dataclass
class _Attempt:
    """The attempt under way in this task."""

    key_id: str
    token: str
    done: bool = field(default=False)


_attempt: ContextVar[_Attempt | None] = ContextVar("bawaba_idempotency", default=None)


async def once(
    viewer: Viewer, operation: str, key: str, fingerprint: Any, work: Callable[[], Awaitable[str]]
) -> str:
    """Return what ``work`` returned, now or when the key was first used.

    A refusal that ``work`` raised is kept and raised again as it was, but for :class:`TryAgain`.
    Anything else that it raises frees the key. Work that never calls :func:`done` is completed
    after it returned: should the process die in between, it is done again.

    Args:
        viewer: the key belongs to this person.
        operation: carries the plugin's prefix: ``parking.object``.
        key: the client's, 1 to 200 characters.
        fingerprint: JSON of the input; equal inputs give equal fingerprints.
        work: begins its own transaction; returns a short string such as an id.

    Raises:
        Unauthenticated: nobody is signed in.
        BadInput: the key is empty or too long.
        IdempotencyKeyReused: the key was used with another fingerprint.
        IdempotencyInProgress: the first use has not ended.
        Refusal: what ``work`` refused, now or then.
        RuntimeError: called inside a transaction.
    """
    if in_transaction():
        raise RuntimeError("once begins its own transactions: call it outside of any")
    if not 1 <= len(key) <= MAX_KEY:
        raise BadInput(
            Text(
                "The idempotency key must have 1 to 200 characters.",
                "يجب أن يتكون مفتاح عدم التكرار من 1 إلى 200 حرف.",
            ),
            argument="idempotencyKey",
        )
    digest = hashlib.sha256(orjson.dumps(fingerprint, option=orjson.OPT_SORT_KEYS)).hexdigest()
    attempt = _Attempt(new_id(), new_id())
    kept = await _begin(attempt, viewer.person(), operation, key, digest)
    if kept is not None:
        return kept
    marker = _attempt.set(attempt)
    try:
        result = await work()
        if not attempt.done:
            async with transaction():
                await done(result)
    except TryAgain:
        await _free(attempt)
        raise
    except Refusal as refusal:
        await _keep_refusal(attempt, refusal)
        raise
    except BaseException as error:
        stored = await _free(attempt)
        if stored is not None and isinstance(error, StorageUnavailable):
            # The answer to COMMIT was lost, the commit was not.
            return stored
        raise
    finally:
        _attempt.reset(marker)
    return result


async def done(result: str) -> None:
    """Store, in the work's own transaction, that the work under way is done with ``result``.

    Outside of :func:`once` it does nothing, so that services may be called without a key.

    Raises:
        RuntimeError: called outside a transaction.
    """
    require_transaction()
    attempt = _attempt.get()
    if attempt is None:
        return
    changed = await IdempotencyKey.filter(
        id=attempt.key_id, attempt=attempt.token, state=_IN_PROGRESS
    ).update(state=_DONE, result=result)
    if not changed:
        # Another attempt took the key over: this one must not commit.
        raise IdempotencyInProgress("idempotencyKey")
    attempt.done = True


async def _begin(
    attempt: _Attempt, person: str, operation: str, key: str, digest: str
) -> str | None:
    """Take the key for ``attempt``, or return the result that it has already."""
    async with transaction():
        at = now()
        row = IdempotencyKey(
            id=attempt.key_id,
            person_id=person,
            operation=operation,
            key=key,
            fingerprint=digest,
            state=_IN_PROGRESS,
            attempt=attempt.token,
            since=at,
        )
        await IdempotencyKey.bulk_create([row], ignore_conflicts=True)
        found = await IdempotencyKey.get_or_none(person_id=person, operation=operation, key=key)
        if found is None:
            raise IdempotencyInProgress("idempotencyKey")  # freed this very moment
        if found.id == attempt.key_id:
            return None
        if found.fingerprint != digest:
            raise IdempotencyKeyReused("idempotencyKey")
        if found.state == _DONE:
            return str(found.result)
        if found.state == _REFUSED:
            raise _kept_refusal(found.refusal)
        if found.since > at - TAKE_OVER_AFTER:
            raise IdempotencyInProgress("idempotencyKey")
        taken = await IdempotencyKey.filter(
            id=found.id, attempt=found.attempt, state=_IN_PROGRESS
        ).update(attempt=attempt.token, since=at)
        if not taken:
            raise IdempotencyInProgress("idempotencyKey")
        attempt.key_id = found.id
        return None


async def _free(attempt: _Attempt) -> str | None:
    """Free the key if the attempt stored nothing; return what it stored otherwise."""
    try:
        async with transaction():
            mine = IdempotencyKey.filter(id=attempt.key_id, attempt=attempt.token)
            await mine.filter(state=_IN_PROGRESS).delete()
            left = await mine.filter(state=_DONE).values_list("result", flat=True)
        return str(left[0]) if left else None
    except StorageUnavailable as error:
        log.warning(
            "idempotency key not freed; it is free for take-over in a minute", reason=error.reason
        )
        return None


async def _keep_refusal(attempt: _Attempt, refusal: Refusal) -> None:
    content = {
        "code": refusal.code,
        "path": list(refusal.path),
        "en": refusal.message(Language.EN),
        "ar": refusal.message(Language.AR),
    }
    async with transaction():
        await IdempotencyKey.filter(
            id=attempt.key_id, attempt=attempt.token, state=_IN_PROGRESS
        ).update(state=_REFUSED, refusal=content)


class _KeptRefusal(Refusal):
    """A refusal of the past, said again with the same code, path and words."""

    code = "KEPT"
    text = Text("", "")

    def __init__(self, words: Text, *path: str) -> None:
        self.words = words
        super().__init__(*path)

    def message(self, language: Language) -> str:
        """Return the sentence as it was said."""
        return self.words.in_(language)


def _kept_refusal(content: Any) -> Refusal:
    again = type("_KeptRefusal", (_KeptRefusal,), {"code": content["code"]})
    refusal: Refusal = again(Text(content["en"], content["ar"]), *content["path"])
    return refusal
