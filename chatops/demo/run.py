"""How does the demo come up and go away? One process: stand-ins, workspace and the real app, on loopback ports.

The app is the same as behind `chatops serve`: it gets its alert at its own webhook, calls its connectors
over HTTP, and posts through Slack's SDK. Only what stands at the other end is ours.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import secrets
import signal
import socket
import tempfile
import time
import webbrowser
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp
from rich.console import Console
from starlette.applications import Starlette

from chatops.app.application import Application, open_application
from chatops.demo.alerting import resolved
from chatops.demo.aws import api as aws_api
from chatops.demo.incidents import BY_NAME, INCIDENTS
from chatops.demo.kubernetes import api as kube_api
from chatops.demo.prometheus import api as prometheus_api
from chatops.demo.serving import NoFreePort, address, listen, serving
from chatops.demo.settings import aws_environment, demo_settings
from chatops.demo.workspace import api as workspace_api
from chatops.demo.workspace import page as workspace_page
from chatops.demo.workspace.delivery import Delivery
from chatops.demo.workspace.state import Workspace
from chatops.demo.world import Stage, World
from chatops.settings import Settings, SettingsError
from chatops.telemetry import set_up_logs

HOST = "127.0.0.1"
Said = Callable[[str], None]


def incidents() -> Mapping[str, str]:
    """Name → title of what can be fired."""
    return {incident.name: incident.title for incident in INCIDENTS}


def main(port: int = 8800, incident: str | None = None, open_browser: bool = False, host: str = HOST) -> None:
    """Run the demo until Ctrl-C or SIGTERM; what `chatops demo` calls."""
    set_up_logs("error")
    # A page that is open while the demo ends is not worth a traceback.
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
    say = partial(Console(highlight=False).print, soft_wrap=True)
    asyncio.run(run(host, port, incident, open_browser=open_browser, said=say))


async def run(
    host: str,
    port: int,
    incident: str | None,
    *,
    open_browser: bool = False,
    said: Said = print,
    stop: asyncio.Event | None = None,
) -> None:
    """Bring everything up, fire an incident (the first where none is named), and wait for the end.

    `stop` ends it; without one SIGINT and SIGTERM do. SettingsError where it cannot come up.
    """
    ending = stop or _ends_on_signals()
    first = incident or INCIDENTS[0].name
    async with open_demo(host, port, said) as demo, serving(demo.app.web, demo.listener):
        _tell(demo, said)
        if open_browser:
            webbrowser.open(demo.url)
        await _until(ending, demo, first)
        said("[dim]ending …[/dim]")
    said("ended; nothing is left running")


async def _until(ending: asyncio.Event, demo: Demo, first: str) -> None:
    """Work, and fire the first incident, until the end is asked for or a part fails; then let the parts end."""
    app = demo.app
    fire = asyncio.create_task(demo.fire(first), name="fire")
    parts = [asyncio.create_task(demo.work(), name="work"), fire]
    waiting = asyncio.create_task(ending.wait(), name="end")
    pending: set[asyncio.Task[Any]] = {waiting, *parts}
    try:
        while not waiting.done() and not any(part.done() and part.exception() for part in parts):
            _, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
    finally:
        app.stop.set()
        waiting.cancel()
        fire.cancel()
        results = await asyncio.gather(*parts, return_exceptions=True)
    for result in results:
        if isinstance(result, Exception):
            raise SettingsError(f"the demo ended by an error: {result!r}") from result


def _ends_on_signals() -> asyncio.Event:
    ending, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ending.set)
    return ending


@dataclass
class Demo:
    """A demo that is up: the page's address, the app, and the stage that its world stands on."""

    url: str
    app: Application
    app_url: str
    listener: socket.socket
    stage: Stage
    engine: str
    webhook_token: str
    http: aiohttp.ClientSession
    said: Said
    clock: Callable[[], float]
    current: str = ""

    async def work(self) -> None:
        """Do jobs, and what people asked for and a busy moment left behind, until the app's `stop` is set."""
        await asyncio.gather(self.app.work(), self.app.slack.listen(self.app.stop))

    async def fire(self, name: str) -> None:
        """Put the shop back in order (the last alert resolves), break it anew, and send the alert."""
        chosen, self.current = BY_NAME[name], name
        before = self.stage.world
        if before.trigger is not None:
            await self._post(before.trigger.path, resolved(before.trigger, self.clock()))
        self.stage.world = chosen.build(self.clock())
        self.said(f"[bold]{chosen.title}[/bold] [dim]({name})[/dim]: the alert is on its way to the app's webhook")
        trigger = self.stage.world.trigger
        if trigger is not None:
            await self._post(trigger.path, trigger.body)

    async def _post(self, path: str, body: Mapping[str, Any]) -> None:
        """Send a webhook as Alertmanager does: again, a few times, where the app does not take it yet."""
        headers = {"authorization": f"Bearer {self.webhook_token}"}
        for _ in range(20):
            with contextlib.suppress(aiohttp.ClientError, TimeoutError):
                async with self.http.post(self.app_url + path, json=body, headers=headers) as answer:
                    if answer.status < 500:
                        if answer.status >= 400:
                            self.said(f"[red]the app refused the alert: HTTP {answer.status}[/red]")
                        return
            await asyncio.sleep(0.25)
        self.said("[red]the app did not take the alert[/red]")


@contextlib.asynccontextmanager
async def open_demo(
    host: str,
    port: int,
    said: Said,
    *,
    environment: Mapping[str, str] = os.environ,
    now: Callable[[], float] = time.time,
) -> AsyncIterator[Demo]:
    """Everything but the app's own server, which the caller runs on `listener`."""
    stage = Stage(World(now(), {}))
    async with contextlib.AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="chatops-demo-")))
        try:
            page_socket, app_socket = listen(host, port), listen(host, port and port + 1)
        except NoFreePort as error:
            raise SettingsError(f"--port: {error}") from error
        stack.callback(page_socket.close)
        url, app_url = address(page_socket), address(app_socket)
        stands = {}
        for name, module in (("prometheus", prometheus_api), ("kubernetes", kube_api), ("cloudwatch", aws_api)):
            stands[name] = await stack.enter_async_context(serving(module.application(stage, now), listen(HOST, 0)))
        settings, token = demo_settings(folder, url, app_url, stands, environment)
        stack.enter_context(aws_environment(folder))
        demo_app = await stack.enter_async_context(open_application(settings))
        http = await stack.enter_async_context(aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)))
        engine = engine_line(settings)
        demo = Demo(url, demo_app, app_url, app_socket, stage, engine, token, http, said, now)
        workspace = Workspace(now)
        secret = settings.slack.signing_secret.get_secret_value() if settings.slack.signing_secret else ""
        delivery = Delivery(workspace, secret, f"{app_url}/slack/events", url, now)
        stack.push_async_callback(delivery.aclose)
        page = _workspace(workspace, delivery, demo, settings, page_socket)
        await stack.enter_async_context(serving(page, page_socket))
        stack.callback(workspace.close)
        yield demo


def _workspace(
    workspace: Workspace, delivery: Delivery, demo: Demo, settings: Settings, sock: socket.socket
) -> Starlette:
    """The ASGI application of the workspace: Slack's Web API for the app, the page for the browser."""
    around = workspace_page.Surroundings(
        engine=demo.engine,
        model=settings.model.provider != "none",
        incidents=INCIDENTS,
        fire=demo.fire,
        command=settings.slack.command,
        current=lambda: demo.current,
    )
    port = sock.getsockname()[1]
    hosts = frozenset({f"{name}:{port}" for name in ("127.0.0.1", "localhost", "[::1]", sock.getsockname()[0])})
    bot = settings.slack.bot_token.get_secret_value() if settings.slack.bot_token else secrets.token_hex()
    return Starlette(
        routes=[
            *workspace_api.routes(workspace, bot, demo.url),
            *workspace_page.routes(workspace, delivery, around, hosts),
        ]
    )


def engine_line(settings: Settings) -> str:
    """Who diagnoses, said plainly."""
    if settings.model.provider == "none":
        return "No ANTHROPIC_API_KEY: diagnosis by rules alone, no model is asked"
    return "ANTHROPIC_API_KEY is set: rules first, then Claude"


def _tell(demo: Demo, said: Said) -> None:
    said("")
    said(f"  [bold]chatops demo[/bold]  open  [bold cyan]{demo.url}[/bold cyan]")
    said(f"  {demo.engine}")
    said(f"  [dim]the app itself: {demo.app_url}; state: an embedded Valkey, gone when the demo ends[/dim]")
    said("  [dim]Ctrl-C ends it[/dim]")
    said("")
