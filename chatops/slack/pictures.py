"""How does a chart become a picture in a workspace that has no chart block?

It is drawn, brought to the workspace as a file that nobody is told of, and shown by an image block of the message it
belongs to: so the message stays one, edited in place. That needs the scope `files:write` (`chatops manifest
--pictures`); where it is not given, or anything fails, the chart stays as it was and is said in characters.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

import anyio.to_thread

from chatops.domain.conversation import Message
from chatops.domain.ports import IncidentStore
from chatops.render.blocks import Block
from chatops.render.charts import in_figures
from chatops.render.picture import png
from chatops.slack.calls import Calls, SlackError

log = logging.getLogger(__name__)
CHART = "data_visualization"
_KEPT = timedelta(days=30)
_DENIED_FOR = timedelta(hours=6)
_NEVER = frozenset({"missing_scope", "unknown_method", "not_allowed_token_type", "file_uploads_disabled"})
"""Codes that say the same for the next chart."""


class Pictures:
    """Brings charts to workspaces as files; the same chart is brought once, whoever edits the message."""

    def __init__(self, store: IncidentStore, calls: Calls, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._calls = calls
        self._clock = clock
        self._denied: dict[str, datetime] = {}

    async def instead(self, team: str, message: Message) -> Message:
        """The message with its charts as pictures, as far as they could be brought. Raises StoreUnavailable."""
        if self._denied.get(team, self._clock()) > self._clock():
            return message
        shown = [await self._shown(team, block) if block["type"] == CHART else block for block in message.blocks]
        return message.model_copy(update={"blocks": tuple(shown)})

    async def _shown(self, team: str, chart: Block) -> Block:
        drawn = await anyio.to_thread.run_sync(png, chart)
        key = f"{team}:{hashlib.sha256(drawn).hexdigest()}"
        kept = await self._store.take("chart", key)
        file = str(kept["file"]) if kept else ""
        if not file and (file := await self._brought(team, drawn, chart)):
            await self._store.put("chart", key, {"file": file}, _KEPT)
        return _image(file, chart) if file else chart

    async def _brought(self, team: str, drawn: bytes, chart: Block) -> str:
        """The id of the new file, '' where Slack does not take it."""
        try:
            place = await self._calls.call(
                team, "files.getUploadURLExternal", filename="chart.png", length=len(drawn), alt_txt=_alt(chart)
            )
            await self._calls.upload(team, str(place["upload_url"]), drawn)
            file = {"id": str(place["file_id"]), "title": str(chart["title"])}
            await self._calls.call(team, "files.completeUploadExternal", files=[file])
        except SlackError as error:
            log.info("a chart is said in characters: %s", error)
            if error.code in _NEVER:
                self._denied[team] = self._clock() + _DENIED_FOR
            return ""
        return file["id"]


def _image(file: str, chart: Block) -> Block:
    title = {"type": "plain_text", "text": str(chart["title"])}
    return {"type": "image", "slack_file": {"id": file}, "alt_text": _alt(chart), "title": title}


def _alt(chart: Block) -> str:
    return "; ".join(in_figures(chart))[:1_000]
