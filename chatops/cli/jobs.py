"""`chatops jobs`: what runs and waits, and the jobs that were given up: listed, retried, dropped."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import typer

from chatops.cli.answer import TableFormat

if TYPE_CHECKING:
    from chatops.store import RedisStore
    from chatops.triage.dead_letters import DeadLetter
    from chatops.triage.jobs import Jobs


def register(app: typer.Typer) -> None:
    """Add the commands."""
    jobs = typer.Typer(help="List jobs; retry or drop those given up.", no_args_is_help=True)
    jobs.command(name="list")(list_jobs)
    jobs.command(name="retry")(retry)
    jobs.command(name="drop")(drop)
    app.add_typer(jobs, name="jobs")


def list_jobs(format: TableFormat = typer.Option(TableFormat.TEXT, "--format", "-f", help="How to print.")) -> None:
    """List what runs and waits, and what was given up with its reason."""

    async def listed(store: RedisStore, jobs: Jobs) -> None:
        waiting, dead = await jobs.waiting(), await jobs.dead()
        if format is TableFormat.JSON:
            rows = [{"key": key, "state": state, "due": due.isoformat()} for key, due, state in waiting]
            print(json.dumps({"jobs": rows, "dead": [one.model_dump(mode="json") for one in dead]}, indent=2))
            return
        for key, due, state in waiting:
            print(f"{state:<6} {due:%Y-%m-%d %H:%M:%S}  {key}")
        for one in dead:
            print(f"dead   {one.at:%Y-%m-%d %H:%M:%S}  {one.key}: {one.reason}")
        print(f"{len(waiting)} run or wait, {len(dead)} were given up")

    _run(listed)


def retry(
    keys: list[str] = typer.Argument(None, help="Keys as `jobs list` shows them."),
    everything: bool = typer.Option(False, "--all", help="Every job that was given up."),
) -> None:
    """Run jobs again that were given up."""

    async def retried(store: RedisStore, jobs: Jobs) -> None:
        from chatops.triage import dead_letters

        for letter in _chosen(await jobs.dead(), keys or [], everything):
            print(await dead_letters.retry(letter, store, jobs, datetime.now(UTC)))

    _run(retried)


def drop(
    keys: list[str] = typer.Argument(None, help="Keys as `jobs list` shows them."),
    everything: bool = typer.Option(False, "--all", help="Every job that was given up."),
) -> None:
    """Forget jobs that were given up."""

    async def dropped(store: RedisStore, jobs: Jobs) -> None:
        chosen = _chosen(await jobs.dead(), keys or [], everything)
        print(f"{await jobs.drop([letter.key for letter in chosen])} dropped")

    _run(dropped)


def _chosen(dead: list[DeadLetter], keys: list[str], everything: bool) -> list[DeadLetter]:
    from chatops.settings import SettingsError

    if everything:
        return dead
    unknown = sorted(set(keys) - {letter.key for letter in dead})
    if unknown or not keys:
        named = unknown[0] if unknown else "no key"
        raise SettingsError(f"{named}: name jobs that were given up (`chatops jobs list`), or --all")
    return [letter for letter in dead if letter.key in keys]


def _run(do: Callable[[RedisStore, Jobs], Awaitable[None]]) -> None:
    from chatops.domain.ports import StoreUnavailable
    from chatops.settings import SettingsError

    async def run() -> None:
        async with _opened() as (store, jobs):
            await do(store, jobs)

    try:
        asyncio.run(run())
    except StoreUnavailable as error:
        raise SettingsError(f"redis.url (CHATOPS_REDIS__URL): {error}") from error


@contextlib.asynccontextmanager
async def _opened() -> AsyncIterator[tuple[RedisStore, Jobs]]:
    """The store and the queue of the settings; the embedded Valkey is shared with an app that runs."""
    from chatops.app.parts import home
    from chatops.embedded import embedded_valkey
    from chatops.settings import SettingsError, load
    from chatops.store import RedisStore, connect
    from chatops.triage.jobs import open_jobs

    settings = load()
    async with contextlib.AsyncExitStack() as stack:
        given = settings.redis.url
        url = given.get_secret_value() if given else stack.enter_context(embedded_valkey(home(settings) / "valkey"))
        try:
            client = connect(url)
        except ValueError as error:
            raise SettingsError(f"redis.url (CHATOPS_REDIS__URL): {error}") from error
        stack.push_async_callback(client.aclose)
        ttl = timedelta(days=settings.redis.ttl_days)
        store = RedisStore(client, settings.redis.prefix, ttl)
        await store.ping()
        yield store, await stack.enter_async_context(open_jobs(url, f"{settings.redis.prefix}-jobs", ttl, lambda: None))
