"""The supervisor: several worker processes on one port, kept alive and renewed one by one."""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import time
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from typing import Any

import uvloop

from bawaba.host import logs
from bawaba.host.cli.working import listening, serve_until_stopped
from bawaba.host.settings import Settings

_RESTART_DELAY = 0.5
_LEAVING = 30.0
_LOOK = 0.2


def _worker(settings: Settings, listener: socket.socket, ready: Any) -> None:
    logs.configure(settings)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    uvloop.run(serve_until_stopped(settings, listener, ready))


@dataclass
class _Slot:
    """One of the worker processes, and the socket that it passes on to its successor."""

    settings: Settings
    listener: socket.socket
    process: BaseProcess = field(init=False)
    ready: Any = field(init=False)

    def start(self) -> None:
        """Start a process on this slot's socket."""
        context = multiprocessing.get_context("spawn")
        self.ready = context.Event()
        arguments = (self.settings, self.listener, self.ready)
        self.process = context.Process(target=_worker, args=arguments, daemon=False)
        self.process.start()

    def replace(self) -> None:
        """Start a successor; once it takes requests, ask the present process to leave.

        Both listen on one socket, so no connection falls between them.
        """
        before = self.process
        self.start()
        while not self.ready.wait(0.2):
            if not self.process.is_alive():
                print("bawaba: the successor did not start; the old process goes on", flush=True)
                self.process = before
                return
        _ask_to_leave(before)
        before.join(timeout=_LEAVING)


class Supervisor:
    """Keeps one process for each slot until told to stop; SIGHUP renews them one by one."""

    def __init__(self, settings: Settings) -> None:
        self._slots = [_Slot(settings, listening(settings)) for _ in range(settings.workers)]
        self._stopping = self._renewing = False

    def run(self) -> None:
        """Supervise until SIGINT or SIGTERM; return when every process has left."""
        signal.signal(signal.SIGINT, self._stop)
        signal.signal(signal.SIGTERM, self._stop)
        signal.signal(signal.SIGHUP, self._renew)
        for slot in self._slots:
            slot.start()
        while not self._stopping:
            time.sleep(_LOOK)
            if self._renewing:
                self._renewing = False
                for slot in self._slots:
                    slot.replace()
            self._revive()
        self._leave()

    def _stop(self, *_: object) -> None:
        self._stopping = True

    def _renew(self, *_: object) -> None:
        self._renewing = True

    def _revive(self) -> None:
        for slot in self._slots:
            if not self._stopping and not slot.process.is_alive():
                time.sleep(_RESTART_DELAY)
                slot.start()

    def _leave(self) -> None:
        for slot in self._slots:
            _ask_to_leave(slot.process)
        for slot in self._slots:
            slot.process.join(timeout=_LEAVING)
            if slot.process.is_alive():
                slot.process.kill()


def _ask_to_leave(process: BaseProcess) -> None:
    if process.is_alive() and process.pid:
        os.kill(process.pid, signal.SIGTERM)
