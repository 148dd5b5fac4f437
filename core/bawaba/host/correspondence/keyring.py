"""Keys on disk: the private ones of the parties that live here, and the agencies' public ones.

A file is read again when it changed, so that a rotation reaches every process without a restart.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import fcntl
import os
import tempfile
from collections.abc import Callable, Generator, Mapping, Sequence
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

import orjson
from joserfc.jwk import ECKey

from bawaba.host.correspondence import rules
from bawaba.host.correspondence.domain import PLATFORM, KeyPair, KeyState
from bawaba.host.correspondence.sealing import key_of, new_key

T = TypeVar("T")
_LOCK = ".lock"


class KeysMissing(Exception):
    """A party has no keys here, or their file cannot be read; says the mend."""


class PublicKeys(Protocol):
    """What others may know of a party's keys."""

    def verifier(self, kid: str, now: dt.datetime) -> ECKey | None:
        """Return the key that verifies what the party signs as ``kid``; None: not accepted."""
        ...

    def sealer(self) -> ECKey:
        """Return the key to seal to.

        Raises:
            KeysMissing: there is none.
        """
        ...


class _Files(Generic[T]):
    """Files that are read again when they changed."""

    def __init__(self, read: Callable[[bytes], T]) -> None:
        self._read = read
        self._known: dict[Path, tuple[tuple[int, int, int], T]] = {}

    def get(self, path: Path) -> T:
        """Return what is in the file.

        Raises:
            FileNotFoundError: there is none.
            KeysMissing: it cannot be understood.
        """
        found = path.stat()
        mark = (found.st_mtime_ns, found.st_ino, found.st_size)
        known = self._known.get(path)
        if known is None or known[0] != mark:
            try:
                known = self._known[path] = (mark, self._read(path.read_bytes()))
            except (ValueError, TypeError, LookupError) as error:
                raise KeysMissing(f"{path.name} holds no keys: {error}") from error
        return known[1]


class OwnKeys:
    """All keys of a party that lives here; also implements :class:`PublicKeys`."""

    def __init__(self, pairs: Sequence[KeyPair], grace: dt.timedelta) -> None:
        self.pairs = pairs
        self._grace = grace
        current = next(pair for pair in pairs if pair.state is KeyState.CURRENT)
        self.signer = key_of(current.signing)
        self._sealer = key_of(rules.public(current.sealing))
        self._verifiers = {pair.signing["kid"]: (pair, key_of(pair.signing)) for pair in pairs}
        self._openers = {
            pair.sealing["kid"]: (pair, key_of(pair.sealing))
            for pair in pairs
            if "d" in pair.sealing
        }

    def opener(self, kid: str, now: dt.datetime) -> ECKey | None:
        """Return the key that opens what is sealed to ``kid``; None: not accepted any more."""
        return self._in(self._openers, kid, now)

    def verifier(self, kid: str, now: dt.datetime) -> ECKey | None:
        """See :meth:`PublicKeys.verifier`."""
        return self._in(self._verifiers, kid, now)

    def sealer(self) -> ECKey:
        """See :meth:`PublicKeys.sealer`."""
        return self._sealer

    def _in(
        self, keys: Mapping[str, tuple[KeyPair, ECKey]], kid: str, now: dt.datetime
    ) -> ECKey | None:
        pair, key = keys.get(kid, (None, None))
        if pair is None or rules.state_at(pair, now, self._grace) is KeyState.EXPIRED:
            return None
        return key


class Keyring:
    """The folder of private keys: ``platform.json``, and a file for each simulated agency.

    Each file (mode 0600) is replaced as a whole; any number of processes may share the folder.

    Args:
        makes: whether the platform's keys are made where there are none: in the demo. Those of
            simulated agencies always are.
    """

    def __init__(self, folder: Path, *, makes: bool, grace: dt.timedelta) -> None:
        self._folder, self._makes, self.grace = folder, makes, grace
        self._files: _Files[OwnKeys] = _Files(lambda raw: OwnKeys(_read(raw), grace))

    def of(self, party: str, now: dt.datetime) -> OwnKeys:
        """Return the keys of a party.

        Raises:
            KeysMissing: there are none, and they are not made by themselves.
        """
        path = self._path(party)
        with contextlib.suppress(FileNotFoundError):
            return self._files.get(path)
        if party == PLATFORM and not self._makes:
            raise KeysMissing("the platform has no keys: run `bawaba correspondence rotate`")
        self._begin(party, now)
        return self._files.get(path)

    def has(self, party: str) -> bool:
        """Return whether the party's keys were made."""
        return self._path(party).exists()

    def rotate(self, party: str, now: dt.datetime) -> OwnKeys:
        """Let the next key of a party sign, retire the present one, and make another next.

        A party without keys gets its first.

        Raises:
            KeysMissing: its file is damaged.
        """
        path = self._path(party)
        with self._locked():
            if not path.exists():
                self._begin(party, now)
                return self._files.get(path)
            pairs = rules.rotated(self._files.get(path).pairs, _pair(now), now, self.grace)
            draft = _draft(path, pairs)
            draft.replace(path)
            return self._files.get(path)

    def _begin(self, party: str, now: dt.datetime) -> None:
        """Make a party's first keys, unless another process was quicker: then its keys stand."""
        path = self._path(party)
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.parent.mkdir(exist_ok=True, mode=0o700)
        draft = _draft(path, [_pair(now, KeyState.CURRENT), _pair(now)])
        try:
            with contextlib.suppress(FileExistsError):
                os.link(draft, path)  # atomic, and refuses to replace
        finally:
            draft.unlink(missing_ok=True)

    def _path(self, party: str) -> Path:
        if party == PLATFORM:
            return self._folder / "platform.json"
        return self._folder / "agencies" / f"{party}.json"

    @contextlib.contextmanager
    def _locked(self) -> Generator[None]:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (self._folder / _LOCK).open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


class Partners:
    """The folder of real agencies' public keys: a JWKS document ``CODE.json`` for each.

    Signing keys (``use``: ``sig``) are all accepted; letters are sealed to the first ``enc`` one.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: _Files[_Partner] = _Files(lambda raw: _Partner(orjson.loads(raw)["keys"]))

    def of(self, agency: str) -> PublicKeys:
        """Return an agency's public keys.

        Raises:
            KeysMissing: there is no file of it, or it is damaged.
        """
        try:
            return self._files.get(self._folder / f"{agency}.json")
        except FileNotFoundError:
            mend = f"put its JWKS into {agency}.json of BAWABA_CORRESPONDENCE_PARTNERS"
            raise KeysMissing(f"the keys of {agency} are not known: {mend}") from None


class _Partner:
    def __init__(self, keys: Sequence[Mapping[str, Any]]) -> None:
        self._verifiers = {
            str(jwk["kid"]): key_of(rules.public(jwk)) for jwk in keys if jwk["use"] == "sig"
        }
        self._sealers = [key_of(rules.public(jwk)) for jwk in keys if jwk["use"] == "enc"]
        if not self._verifiers or not self._sealers or not all(key.kid for key in self._sealers):
            raise ValueError("a key to verify and a key to seal to are wanted, each with a kid")

    def verifier(self, kid: str, now: dt.datetime) -> ECKey | None:
        """See :meth:`PublicKeys.verifier`."""
        del now
        return self._verifiers.get(kid)

    def sealer(self) -> ECKey:
        """See :meth:`PublicKeys.sealer`."""
        return self._sealers[0]


def _pair(now: dt.datetime, state: KeyState = KeyState.NEXT) -> KeyPair:
    return KeyPair(state, new_key(), new_key(), now)


def _draft(path: Path, pairs: Sequence[KeyPair]) -> Path:
    """Write the pairs beside ``path``, readable by their owner alone; on the disk when it ends."""
    content = [
        {
            "state": pair.state.value,
            "made_at": pair.made_at.isoformat(),
            "retired_at": pair.retired_at.isoformat() if pair.retired_at else None,
            "signing": dict(pair.signing),
            "sealing": dict(pair.sealing),
        }
        for pair in pairs
    ]
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")  # mode 0600
    with os.fdopen(handle, "wb") as file:
        file.write(orjson.dumps({"pairs": content}, option=orjson.OPT_INDENT_2))
        file.flush()
        os.fsync(file.fileno())
    return Path(name)


def _read(raw: bytes) -> list[KeyPair]:
    return [
        KeyPair(
            KeyState(entry["state"]),
            entry["signing"],
            entry["sealing"],
            dt.datetime.fromisoformat(entry["made_at"]),
            dt.datetime.fromisoformat(entry["retired_at"]) if entry["retired_at"] else None,
        )
        for entry in orjson.loads(raw)["pairs"]
    ]
