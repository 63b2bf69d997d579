"""New settings without a restart: which may change while the app runs, and how they come in.

The files are looked at every few seconds (Kubernetes replaces mounted ones without telling anybody), and at once on
SIGHUP. What cannot be used is logged and leaves everything as it is; what needs a restart is named, and waits for it.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import anyio.to_thread
from pydantic import BaseModel

from chatops.settings import Settings, SettingsError
from chatops.telemetry import Metrics, log

RELOADED: tuple[str, ...] = (
    "catalogue",
    "log_level",
    "model.channel_usd",
    "model.daily_usd",
    "model.incident_usd",
    "reopen_minutes",
    "routes",
    "services",
    "slack.channel",
    "storm",
)
"""Settings that are read anew for every alert, question or job. The others are held by connections and clients."""
_EVERY = 5.0


def changed(before: BaseModel, after: BaseModel, prefix: str = "") -> Iterator[str]:
    """The names of what differs: `routes`, `slack.channel`."""
    for name in type(before).model_fields:
        old, new = getattr(before, name), getattr(after, name)
        if isinstance(old, BaseModel) and isinstance(new, BaseModel):
            yield from changed(old, new, f"{prefix}{name}.")
        elif old != new:
            yield prefix + name


def reloadable(name: str) -> bool:
    """Whether a setting takes effect without a restart."""
    return any(name == one or name.startswith(f"{one}.") for one in RELOADED)


def merged(running: Settings, read: Settings) -> Settings:
    """What runs, with everything from the new settings that may change while it runs."""
    update: dict[str, Any] = {}
    for name in RELOADED:
        group, _, leaf = name.partition(".")
        if leaf:
            inner = update.get(group, getattr(running, group))
            update[group] = inner.model_copy(update={leaf: getattr(getattr(read, group), leaf)})
        else:
            update[group] = getattr(read, group)
    return running.model_copy(update=update)


@dataclass
class Reloader:
    """Watches the files that settings came from, and hands on what may change."""

    running: Settings
    again: Callable[[], Settings]
    """Reads all settings; raises SettingsError."""
    use: Callable[[Settings], None]
    metrics: Metrics
    every: float = _EVERY
    """Seconds between two looks at the files."""
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    """Set by SIGHUP."""
    waiting: tuple[str, ...] = ()
    """What differs in the files and needs a restart."""

    async def watch(self) -> None:
        """Reload when asked to, or when a file has changed, until cancelled."""
        known = await self._mark()
        while True:
            try:
                await asyncio.wait_for(self.asked.wait(), self.every)
            except TimeoutError:
                mark = await self._mark()
                if mark == known:
                    continue
                known = mark
            self.asked.clear()
            await self.reload()

    async def reload(self) -> None:
        """Read the settings and use what may be used."""
        try:
            read = await anyio.to_thread.run_sync(self.again)
        except (SettingsError, OSError) as error:
            self.metrics.settings_taken.set(0)
            log.error("settings not taken, the running ones stay", reason=str(error))
            return
        self.metrics.settings_taken.set(1)
        names = list(changed(self.running, read))
        taken = [name for name in names if reloadable(name)]
        self.waiting = tuple(name for name in names if not reloadable(name))
        if taken:
            self.running = merged(self.running, read)
            self.use(self.running)
            log.info("settings taken", changed=taken)
        if self.waiting:
            log.warning("settings that need a restart", changed=list(self.waiting))

    async def _mark(self) -> str:
        return await anyio.to_thread.run_sync(_mark, files(self.running, os.environ))


def files(settings: Settings, environ: Mapping[str, str]) -> list[Path]:
    """The files that settings came from."""
    found = [Path(environ["CHATOPS_CONFIG"])] if environ.get("CHATOPS_CONFIG") else []
    if settings.catalogue is not None:
        found.append(settings.catalogue)
    if environ.get("CHATOPS_SECRETS_DIR"):
        found.append(Path(environ["CHATOPS_SECRETS_DIR"]))
    return found


def _mark(paths: list[Path]) -> str:
    """A digest of what is in the files: times say nothing where a link is turned to another directory."""
    digest = hashlib.sha256()
    for path in paths:
        with contextlib.suppress(OSError):  # it is being replaced: the next look finds it
            for file in sorted(path.iterdir()) if path.is_dir() else [path]:
                if file.is_file():
                    digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()
