"""The table of sources: adding one is a file with a `Source`, and a row here."""

from __future__ import annotations

from chatops.webhooks.alertmanager import ALERTMANAGER, GRAFANA
from chatops.webhooks.cloudwatch import CLOUDWATCH, EVENTBRIDGE
from chatops.webhooks.generic import GENERIC
from chatops.webhooks.pagers import DATADOG, OPSGENIE, PAGERDUTY
from chatops.webhooks.payload import Source
from chatops.webhooks.posted import SLACK

SOURCES: dict[str, Source] = {
    source.name: source
    for source in (ALERTMANAGER, GRAFANA, CLOUDWATCH, EVENTBRIDGE, PAGERDUTY, OPSGENIE, DATADOG, SLACK, GENERIC)
}
