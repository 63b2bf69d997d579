"""Words that are names, and words that are not."""

from __future__ import annotations

import pytest

from chatops.policy.text.naming import LONGEST, names


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        ("The pod cart-7d9f-x2x4z is gone.", {"cart-7d9f-x2x4z"}),
        ("PAYMENTS-6F7D9C-ZZZZZ is gone.", {"PAYMENTS-6F7D9C-ZZZZZ"}),
        ("phantom-worker restarts.", {"phantom-worker"}),
        ("The service `payments` is down.", {"payments"}),
        ("`payments` service is down.", {"payments"}),
        ("job:http_requests:rate5m rose.", {"job:http_requests:rate5m"}),
        ("db.internal is slow, and so is 10.0.0.7.", {"db.internal", "10.0.0.7"}),
        ("Write to ops@shop.example.", {"ops@shop.example"}),
        ("The node-pressure eviction is long-running and well-known.", set()),
        ("Long-running jobs and high-cardinality metrics hurt user-facing services and a third-party library.", set()),
        ("The default-deny network policy hits on-demand instances; p95-Latenz and pg_stat_activity.", set()),
        ("The config map cart-flags names the user reporting_ro.", {"cart-flags", "reporting_ro"}),
        ("The NetworkPolicy deny-all-east, and a tariff-calculator library.", {"deny-all-east", "tariff-calculator"}),
        ("UTF-8 over HTTP/1.1 with SHA-256 and POSTGRES_HOST set, in-cluster and cross-service.", set()),
        ("kube-proxy, cert-manager.io and the ingress-controller are read-only.", set()),
    ],
)
def test_names(sentence: str, found: set[str]) -> None:
    assert set(names(sentence)) == found


def test_of_a_word_without_end_only_that() -> None:
    long = "a-" * LONGEST
    assert len(list(names(f"cart-1 {long}"))) == 1
