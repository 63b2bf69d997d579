"""What do the checks of one investigation share? Every fetch happens once, whoever needs it first.

The order is short on purpose, because each step is a round trip: alarms (with them the resources they
watch) → resources → their descriptions → metrics, while events and load come beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial

from connectors.cloudwatch import alarms as alarm_calls
from connectors.cloudwatch import attached, databases, db_events, endpoints, load, metrics
from connectors.cloudwatch.alarms import Alarm, Alarms, Transition
from connectors.cloudwatch.client import Aws
from connectors.cloudwatch.databases import Instance, Limit
from connectors.cloudwatch.events import Event
from connectors.cloudwatch.load import Load
from connectors.cloudwatch.metrics import Wanted
from connectors.cloudwatch.readings import Readings
from connectors.cloudwatch.services import BY_KEY
from connectors.cloudwatch.states.functions import timeout_ms
from connectors.cloudwatch.targets import (
    ACTIVE,
    NOT_LISTED,
    Active,
    Target,
    discovered,
    listed,
    of_inquiry,
    resources,
    seldom_named,
    unique,
    wanted_names,
)
from connectors.contract import ConnectorError, Inquiry
from connectors.evidence import Observation
from connectors.recent import Recent
from connectors.together import Once, beside, every, outcomes


class Investigation:
    """The shared fetches of one inquiry. Each is a `Once`: call it, or ask it for `or_none`."""

    def __init__(
        self,
        aws: Aws,
        inquiry: Inquiry,
        now: datetime,
        log_groups: tuple[str, ...] = (),
        recent: Recent[Active] | None = None,
    ) -> None:
        self.aws = aws
        self.recent = recent if recent is not None else Recent()
        self.log_groups = log_groups
        self.inquiry = inquiry
        self.now = now
        self.names = wanted_names(inquiry)
        self.left_out = ""
        """What was not looked through for the names, once they were."""
        self.span = metrics.range_of(inquiry.window, now)
        self.alarms: Once[Alarms] = Once(self._alarms)
        self.history: Once[list[Transition]] = Once(partial(alarm_calls.history, aws, inquiry.window))
        self.active: Once[Active] = Once(self._active)
        self.listed: Once[list[Target]] = Once(self._discover)
        self.named: Once[list[Target]] = Once(self._named)
        self.told: Once[dict[str, Instance]] = Once(self._direct_instances)
        self.instances: Once[dict[str, Instance]] = Once(self._instances)
        self.attached: Once[list[Target]] = Once(self._attached)
        self.targets: Once[list[Target]] = Once(self._targets)
        self.readings: Once[list[Readings]] = Once(self._readings)
        self.usual: Once[dict[Target, dict[str, float]]] = Once(self._usual)
        self.timeouts: Once[dict[Target, Mapping[str, str]]] = Once(self._timeouts)
        self.db_events: Once[list[Event]] = Once(self._db_events)
        self.loads: Once[dict[str, Load]] = Once(self._loads)
        self.limits: Once[dict[str, Limit]] = Once(self._limits)

    def following(self, inquiry: Inquiry) -> Investigation:
        """The same one about what answers under hosts, too: what does not depend on them is not asked again."""
        wider = Investigation(self.aws, inquiry, self.now, self.log_groups, self.recent)
        wider.alarms, wider.history, wider.active = self.alarms, self.history, self.active
        return wider

    async def answering(self, hosts: Sequence[str]) -> dict[str, Target]:
        """The resources that answer under these hosts; what is active is only listed where a name does not tell."""
        direct = of_inquiry(self.inquiry)
        found = {host: endpoints.named(host) or endpoints.among(host, direct) for host in hosts}
        left = [host for host, target in found.items() if target is None and endpoints.may_be(host)]
        active = resources((await self.active()).metrics) if left else []
        found |= {host: endpoints.among(host, active) for host in left}
        return {host: target for host, target in found.items() if target is not None}

    async def scoped_alarms(self) -> list[Alarm]:
        """The alarms in ALARM that are about the scope, or went off beside them."""
        found = await self.alarms()
        fired = [alert.name for alert in self.inquiry.alerts]
        chosen = alarm_calls.about(found.alarms, of_inquiry(self.inquiry), self.names, fired)
        return [*chosen, *alarm_calls.beside(found.alarms, chosen, self.names, self.inquiry.window.onset)]

    async def without(self, what: str) -> Observation:
        """What a check says that has nothing to look at: among others there is no such thing, or there is nothing."""
        if await self.targets():
            return Observation(searched=f"no {what} in the scope")
        said = f" called like {', '.join(self.names[:6])}" if self.names else ""
        return Observation(
            skipped=f"no AWS resource{said} is named by the scope, watched by its alarms or active in CloudWatch"
        )

    async def of_service(self, *keys: str) -> list[Target]:
        """The targets of these services."""
        return [target for target in await self.targets() if target.service.key in keys]

    async def _alarms(self) -> Alarms:
        """All that are in ALARM, and those that fired this, which may have recovered since."""
        fired = sorted({alert.name for alert in self.inquiry.alerts if alert.source == "cloudwatch"})
        calls = [partial(alarm_calls.in_alarm, self.aws)]
        calls += [partial(alarm_calls.in_alarm, self.aws, fired)] if fired else []
        every_alarm, *named = await every(calls)
        known = {alarm.name for alarm in every_alarm.alarms}
        others = tuple(alarm for one in named for alarm in one.alarms if alarm.name not in known)
        return every_alarm._replace(alarms=(*others, *every_alarm.alarms))

    async def _named(self) -> list[Target]:
        """What the inquiry names, what alarms about it or beside it watch, and what is called alike."""
        direct = of_inquiry(self.inquiry)
        # Beside each other: the databases that are named and what is called alike need not wait for the alarms.
        wanted = self._by_name()
        await beside(self.alarms.or_none, self.told.or_none, *([self.listed.or_none] if wanted else []))
        watched = alarm_calls.watched(await self.scoped_alarms()) if await self.alarms.or_none() else []
        alike = await self.listed.or_none() or [] if wanted else []
        followed = (await self.answering(self.inquiry.hosts)).values()
        return unique([*direct, *followed, *watched, *alike])

    def _by_name(self) -> bool:
        """Whether active metrics are looked through for the names that were said."""
        return bool(self.names) and (bool(self.inquiry.question) or not of_inquiry(self.inquiry))

    async def _discover(self) -> list[Target]:
        active = await self.active()
        found = unique(discovered(active.metrics, self.names))
        if active.whole:
            return found
        if found or of_inquiry(self.inquiry):
            self.left_out = NOT_LISTED
            return found
        return unique(discovered(await seldom_named(self.aws), self.names))

    async def _active(self) -> Active:
        """The active metrics, as just listed for the names."""
        known = await self.recent.take(ACTIVE)
        return await listed(self.aws) if known is None else known

    async def _direct_instances(self) -> dict[str, Instance]:
        return await self._described([t.name for t in of_inquiry(self.inquiry) if t.service.key == "rds"])

    async def _instances(self) -> dict[str, Instance]:
        found = dict(await self.told())
        names = [t.name for t in await self.named() if t.service.key == "rds"]
        names += await self._cluster_members()
        return found | await self._described([name for name in names if name not in found])

    async def _described(self, names: list[str]) -> dict[str, Instance]:
        """These instances with their replicas and sources."""
        if not names:
            return {}
        found = await databases.describe(self.aws, names)
        related = {n.split(":")[-1] for i in found.values() for n in (*i.replicas, i.source) if n} - found.keys()
        if related:
            found |= await databases.describe(self.aws, sorted(related)[:6])
        return found

    async def _cluster_members(self) -> list[str]:
        clusters = [t.name for t in await self.named() if t.service.key == "aurora"]
        results = await outcomes([partial(databases.members, self.aws, name) for name in clusters])
        return [name for result in results if not isinstance(result, ConnectorError) for name in result]

    async def _targets(self) -> list[Target]:
        named = await self.named()
        stored = any(target.service.key in ("rds", "aurora") for target in named)
        await beside(self.attached.or_none, *([self.instances.or_none] if stored else []))
        instances = await self.instances.or_none() or {} if stored else {}
        related = [Target(BY_KEY["rds"], (("DBInstanceIdentifier", name),)) for name in instances]
        found = unique([*named, *related, *(await self.attached.or_none() or ())])
        if not found:
            # Nothing is known where what would have led there could not be read: that is no empty scope.
            await beside(self.alarms, *([self.listed] if self._by_name() else []))
        return found

    async def _attached(self) -> list[Target]:
        return await attached.behind(self.aws, await self.named())

    async def _readings(self) -> list[Readings]:
        wanted = [Wanted(target, metric) for target in await self.targets() for metric in target.service.metrics]
        if not wanted:
            return []
        return await metrics.read(self.aws, wanted, self.span, self.inquiry.window.onset)

    async def _usual(self) -> dict[Target, dict[str, float]]:
        """What traffic was on other days at this time."""
        wanted = [
            Wanted(target, metric)
            for target in await self.targets()
            for metric in target.service.metrics
            if metric.role == "traffic"
        ]
        return await metrics.usual(self.aws, wanted, self.span, self.now) if wanted else {}

    async def _timeouts(self) -> dict[Target, Mapping[str, str]]:
        """The time limit of every function, of those that could be asked."""
        functions = await self.of_service("lambda")
        results = await outcomes([partial(timeout_ms, self.aws, function) for function in functions])
        return {
            function: {"timeout_ms": str(result)}
            for function, result in zip(functions, results, strict=True)
            if not isinstance(result, ConnectorError)
        }

    async def _db_events(self) -> list[Event]:
        return await db_events.read(self.aws, await self.targets(), self.inquiry.window)

    async def _loads(self) -> dict[str, Load]:
        """Loads by the database's name, of those where Performance Insights is on; the first error if all failed."""
        with_insights = [i for i in (await self.instances()).values() if i.insights and i.resource_id]
        window = self.inquiry.window
        start = max(window.start, window.onset) if window.onset and window.onset < window.end else window.start
        calls = [partial(load.read, self.aws, i.resource_id, start, window.end) for i in with_insights]
        return _by_name([i.name for i in with_insights], await outcomes(calls))

    async def _limits(self) -> dict[str, Limit]:
        instances = list((await self.instances()).values())
        results = await outcomes([partial(databases.connection_limit, self.aws, one) for one in instances])
        limits = {
            one.name: databases.derived_limit(one) if isinstance(result, ConnectorError) else result
            for one, result in zip(instances, results, strict=True)
        }
        return {name: limit for name, limit in limits.items() if limit is not None}


def _by_name(names: list[str], results: list[Load | ConnectorError]) -> dict[str, Load]:
    found: Mapping[str, Load | ConnectorError] = dict(zip(names, results, strict=True))
    errors = [result for result in results if isinstance(result, ConnectorError)]
    if errors and len(errors) == len(results):
        raise errors[0]
    return {name: result for name, result in found.items() if not isinstance(result, ConnectorError)}
