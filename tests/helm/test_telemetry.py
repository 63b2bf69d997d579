"""Dashboard and alert rules: only metrics and labels that the app has, and rules that fire when they should."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from promql_parser import parse

from chatops.telemetry import Metrics
from tests.helm.chart import CHART, FULL, kind, render

RULES = CHART / "rules" / "chatops.yaml"
DASHBOARD = json.loads((CHART / "dashboards" / "chatops.json").read_text())
SCRAPED = {"namespace", "pod", "job", "instance", "le", "app_kubernetes_io_component"}
"""Labels that a scrape (the last one by the ServiceMonitor) or a histogram adds."""


def exposed() -> dict[str, set[str]]:
    """Metric as Prometheus stores it → the labels the app gives it."""
    found: dict[str, set[str]] = {}
    for collector in vars(Metrics()).values():
        for family in collector.describe() if hasattr(collector, "describe") else ():
            labels = set(collector._labelnames)
            suffixes = {"counter": ("_total",), "histogram": ("_bucket", "_count", "_sum")}.get(family.type, ("",))
            found.update({family.name + suffix: labels for suffix in suffixes})
    return found


def dashboard_queries() -> list[str]:
    return [target["expr"] for panel in DASHBOARD["panels"] for target in panel.get("targets", ())]


def rule_queries() -> list[str]:
    groups = yaml.safe_load(RULES.read_text())["groups"]
    return [rule["expr"] for group in groups for rule in group["rules"]]


def queries() -> Iterator[str]:
    for query in (*dashboard_queries(), *rule_queries()):
        yield query.replace("$__rate_interval", "5m")


def test_every_metric_and_every_label_is_the_apps() -> None:
    known = exposed()
    assert "chatops_queue_depth" in known
    assert known["chatops_checks_total"] == {"source", "check", "state"}
    for query in queries():
        used = set(re.findall(r"\bchatops_\w+", query))
        assert used, query
        assert used <= set(known), f"{used - set(known)} in {query}"
        labels = {
            name for matchers in re.findall(r"\{([^}]*)\}", query) for name in re.findall(r"(\w+)\s*[=!]", matchers)
        }
        labels |= {name for group in re.findall(r"\bby \(([^)]*)\)", query) for name in re.findall(r"\w+", group)}
        allowed = SCRAPED.union(*(known[name] for name in used))
        assert labels <= allowed, f"{labels - allowed} in {query}"


def test_every_query_parses() -> None:
    for query in queries():
        parse(query)


def test_the_dashboard_shows_every_metric_once_at_least() -> None:
    shown = " ".join(dashboard_queries())
    families = {name.removesuffix("_bucket").removesuffix("_count").removesuffix("_sum") for name in exposed()}
    assert {name for name in families if name not in shown} == set()


def test_the_panels_of_the_dashboard_do_not_overlap() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        place = panel["gridPos"]
        cells = {(place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])}
        assert not taken & cells, panel["title"]
        taken |= cells
    ids = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(ids) == len(set(ids))


def test_a_bucket_that_is_asked_for_is_there() -> None:
    """`le` is compared as text: a bucket written otherwise matches nothing, silently."""
    metrics = Metrics()
    metrics.facts_seconds.observe(1)
    stored = {
        sample.labels["le"]
        for family in metrics.registry.collect()
        for sample in family.samples
        if sample.name == "chatops_facts_seconds_bucket"
    }
    asked = {le for query in dashboard_queries() for le in re.findall(r'\ble="([^"]+)"', query)}
    assert asked
    assert asked <= stored


def test_every_alert_says_what_to_do_and_is_tried() -> None:
    rules = [rule for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]]
    tried = yaml.safe_load((CHART / "rules" / "chatops_test.yaml").read_text())["tests"]
    fired = {row["alertname"] for test in tried for row in test["alert_rule_test"] if row["exp_alerts"]}
    silent = {row["alertname"] for test in tried for row in test["alert_rule_test"] if not row["exp_alerts"]}
    for rule in rules:
        assert rule["labels"]["severity"] in ("critical", "warning")
        assert rule["annotations"]["summary"]
        assert rule["annotations"]["description"]
    assert fired == silent == {rule["alert"] for rule in rules}


def promtool(*arguments: str) -> str:
    binary = shutil.which("promtool")
    if binary is None:
        pytest.skip("needs promtool (PATH)")
    done = subprocess.run([binary, *arguments], capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.real
def test_prometheus_takes_the_rules_and_they_fire_as_they_should() -> None:
    assert "SUCCESS" in promtool("check", "rules", str(RULES))
    assert "SUCCESS" in promtool("test", "rules", str(CHART / "rules" / "chatops_test.yaml"))


@pytest.mark.real
def test_scraping_tells_gateways_from_workers() -> None:
    monitor = kind(render("-f", str(FULL)), "ServiceMonitor")
    assert monitor["spec"]["targetLabels"] == ["app.kubernetes.io/component"]
    assert 'app_kubernetes_io_component="worker"' in rule_queries()[0]


@pytest.mark.real
def test_what_the_chart_installs_is_what_was_tried(tmp_path: Path) -> None:
    documents = render("-f", str(FULL))
    spec = kind(documents, "PrometheusRule")["spec"]
    assert spec == yaml.safe_load(RULES.read_text())
    (tmp_path / "rendered.yaml").write_text(yaml.safe_dump(spec))
    assert "9 rules found" in promtool("check", "rules", str(tmp_path / "rendered.yaml"))
    assert json.loads(kind(documents, "ConfigMap", "-dashboard")["data"]["chatops.json"]) == DASHBOARD
