"""The running app: gateway (ways in), worker (jobs), or both, over one store and one queue."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Literal

import anyio
import anyio.to_thread
from prometheus_client import generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from chatops.app import surface
from chatops.app.parts import Parts, home, link_key, now, open_parts
from chatops.domain.incident import Incident
from chatops.domain.ports import StoreUnavailable
from chatops.embedded import embedded_valkey
from chatops.ending import end
from chatops.settings import Settings, SettingsError
from chatops.store import AlertIndex, RedisStore, close, connect
from chatops.telemetry import Metrics, log
from chatops.triage import habits, unattended, wiring
from chatops.triage.checks import CheckRunner
from chatops.triage.grouping import Grouping
from chatops.triage.intake import Intake
from chatops.triage.jobs import Jobs, open_jobs
from chatops.triage.merging import Merging
from chatops.triage.service import Service
from chatops.triage.spending import Limits
from chatops.triage.telling import Telling
from chatops.triage.waiting import Waiting
from chatops.triage.working import run_worker
from chatops.web import runbooks
from chatops.web.access import signed_path
from chatops.web.routes import routes as page_routes
from chatops.webhooks.posted import alerts_in
from chatops.webhooks.routes import Webhooks
from connectors.contract import Loads

Role = Literal["gateway", "worker", "both"]
_LINK_LIVES = timedelta(days=14)


@dataclass
class Application:
    """What `serve` and the demo run. `web` is the ASGI app; `work` runs jobs until `stop` is set."""

    settings: Settings
    role: Role
    store: RedisStore
    jobs: Jobs
    intake: Intake
    parts: Parts | None
    metrics: Metrics
    web: Starlette
    slack: surface.Surface
    redis_url: str
    stop: asyncio.Event
    works: list[Service]
    """The one that does the jobs, in a process that does them."""

    def use(self, settings: Settings) -> None:
        """Go by other settings, where they may change while the app runs (`chatops.app.reload`)."""
        self.settings = settings
        self.intake.use(settings)
        self.works[:] = [replace(work, budgets=_budgets(settings)) for work in self.works]
        self.slack.rows.update(surface.shown_rows(settings))

    async def work(self) -> None:
        """Run jobs until `stop` is set; a gateway has none to run, and tells of alerts where nobody else does."""
        if self.role == "gateway":
            telling = Telling(self.store, self.slack.thread, now, lambda one: page_url(self.settings, one))
            watching = asyncio.create_task(unattended.keep_watch(self.jobs, self.store, telling))
            await self.stop.wait()
            await end([watching])
            return
        await self.warm()
        health = asyncio.create_task(self._write_health())
        pages = asyncio.create_task(self._update_pages())
        environments = self.parts.environments if self.parts else {}
        wires = asyncio.create_task(wiring.keep_reading(environments, self.store))
        learns = asyncio.create_task(habits.keep_learning(self.settings, self.store))
        try:
            lease = timedelta(seconds=self.settings.lease_seconds)
            await run_worker(self.jobs, self.settings.workers, lease, self.stop, self.settings.triage_seconds)
        finally:
            await end((health, pages, wires, learns))

    async def warm(self, seconds: float = 10.0) -> None:
        """Load every SDK, then ask every connector how it is, once: no incident should wait for that.

        An SDK takes seconds, on a busy machine many, and a time limit would not make it quicker: the first checks
        would wait for it instead, and be late. A source may hang, so that asking has its limit.
        """
        if self.parts is None:
            return
        opened = [one for group in self.parts.environments.values() for one in group.values() if one is not None]
        for connector in opened:
            if isinstance(connector, Loads):
                await connector.load()
        with anyio.move_on_after(seconds):
            async with anyio.create_task_group() as group:
                for connector in opened:
                    group.start_soon(connector.health)

    async def _update_pages(self) -> None:
        """Bring runbooks from git repositories up to date, now and every ten minutes."""
        while self.parts is not None:
            for problem in await anyio.to_thread.run_sync(self.parts.library.update, abandon_on_cancel=True):
                log.warning("runbooks not updated", problem=problem)
            await asyncio.sleep(600)

    async def _write_health(self) -> None:
        """Keep the connectors' health in the store for the App Home, which must not ask them itself."""
        while self.parts is not None:
            rows = []
            for environment, connectors in self.parts.environments.items():
                for source, connector in connectors.items():
                    for line in await connector.health() if connector else ():
                        name = f"{source} ({environment}): {line.name}"
                        rows.append({"name": name, "ok": line.ok, "detail": line.detail, "remedy": line.remedy})
            with contextlib.suppress(StoreUnavailable):
                await self.store.put("health", "latest", {"rows": rows}, timedelta(hours=1))
            await asyncio.sleep(60)


@contextlib.asynccontextmanager
async def open_application(
    settings: Settings, role: Role = "both", *, model: bool = True
) -> AsyncIterator[Application]:
    """Open everything; close it on leaving. Raises SettingsError or EmbeddedFailed with one line."""
    metrics = Metrics()
    async with contextlib.AsyncExitStack() as stack:
        url = _redis_url(settings, stack)
        try:
            client = connect(url)
        except ValueError as error:
            raise SettingsError(f"redis.url (CHATOPS_REDIS__URL): {error}") from error
        stack.push_async_callback(close, client)
        store = RedisStore(client, settings.redis.prefix, timedelta(days=settings.redis.ttl_days))
        try:
            await store.ping()
        except StoreUnavailable as error:
            raise SettingsError(f"redis.url (CHATOPS_REDIS__URL): {error}") from error
        works: list[Service] = []
        ttl = timedelta(days=settings.redis.ttl_days)
        jobs = await stack.enter_async_context(
            open_jobs(url, f"{settings.redis.prefix}-jobs", ttl, lambda: works[0] if works else None)
        )
        # Links to runbooks open in this app, unless the settings say where people read them.
        readable = settings.runbook_base_url or base_url(settings) + runbooks.PREFIX
        told = settings.model_copy(update={"runbook_base_url": readable})
        parts = await stack.enter_async_context(open_parts(told, model=model, metrics=metrics, store=store))
        intake = Intake(
            settings, store, jobs, parts.library, now, metrics, AlertIndex(store), alerts_in, parts.redactor
        )
        slack = await stack.enter_async_context(
            surface.open_surface(settings, store, intake, role, lambda one: page_url(settings, one), metrics)
        )
        if role != "gateway":
            waiting = Waiting(AlertIndex(store), store, slack.thread, jobs, now)
            merging = Merging(Grouping(settings, store, AlertIndex(store), now))
            works.append(_service(settings, store, parts, slack, metrics, waiting, merging))
        stop = asyncio.Event()
        web = Starlette(routes=_routes(settings, store, intake, jobs, metrics, slack, role, stop))
        yield Application(settings, role, store, jobs, intake, parts, metrics, web, slack, url, stop, works)


def _redis_url(settings: Settings, stack: contextlib.AsyncExitStack) -> str:
    if settings.redis.url is not None:
        return settings.redis.url.get_secret_value()
    url = stack.enter_context(embedded_valkey(home(settings) / "valkey"))
    log.info("no CHATOPS_REDIS__URL: state is kept in an embedded Valkey", url=url)
    return url


def base_url(settings: Settings) -> str:
    """The address people's browsers reach this app at."""
    return settings.public_url or f"http://{settings.host}:{settings.port}"


def page_url(settings: Settings, incident: Incident) -> str:
    """The signed, expiring address of an incident's page."""
    return base_url(settings) + signed_path(incident.id, link_key(settings), now() + _LINK_LIVES)


def _service(
    settings: Settings,
    store: RedisStore,
    parts: Parts,
    slack: surface.Surface,
    metrics: Metrics,
    waiting: Waiting,
    merging: Merging,
) -> Service:
    return Service(
        store=store,
        thread=slack.thread,
        investigator=parts.investigator,
        checks=CheckRunner(parts.investigator, parts.library, now),
        clock=now,
        page=lambda incident: page_url(settings, incident),
        seconds=settings.triage_seconds,
        budgets=_budgets(settings),
        metrics=metrics,
        waiting=waiting,
        merging=merging,
    )


def _budgets(settings: Settings) -> Limits:
    own = settings.model
    return Limits(run=own.max_usd, incident=own.incident_usd, channel=own.channel_usd, day=own.daily_usd)


def _routes(
    settings: Settings,
    store: RedisStore,
    intake: Intake,
    jobs: Jobs,
    metrics: Metrics,
    slack: surface.Surface,
    role: Role,
    stop: asyncio.Event,
) -> list[BaseRoute]:
    async def alive(request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def ready(request: Request) -> Response:
        try:
            await store.ping()
        except StoreUnavailable as error:
            return JSONResponse({"status": "not ready", "reason": str(error)}, status_code=503)
        return JSONResponse({"status": "ready"})

    async def scrape(request: Request) -> Response:
        # Now, not a while ago: what scales workers reads it. Where the store is away, the last figures stand.
        with contextlib.suppress(StoreUnavailable):
            depth, age = await jobs.backlog(now())
            metrics.queue_depth.set(depth)
            metrics.queue_age.set(age)
        return Response(generate_latest(metrics.registry), media_type="text/plain; version=0.0.4")

    own: list[BaseRoute] = [Route("/healthz", alive), Route("/readyz", ready), Route("/metrics", scrape)]
    if role == "worker":
        return own
    webhooks = Webhooks(settings.webhooks, intake.receive, now)
    pages = page_routes(store, link_key(settings), stopping=stop.is_set, readers=slack.readers)
    return [*own, *webhooks.routes(), *pages, *runbooks.routes(), *slack.routes]
