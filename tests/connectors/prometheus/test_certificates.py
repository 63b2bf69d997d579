"""A certificate that has expired is a cause."""

from __future__ import annotations

from connectors.prometheus import certificates
from connectors.prometheus.survey import Survey
from tests.connectors.prometheus.conftest import END
from tests.connectors.prometheus.server import PrometheusStandIn

NOW = END.timestamp()


async def test_without_the_metric_it_is_said_what_would_help(survey: Survey) -> None:
    assert "no metric tells" in (await certificates.certificates(survey)).searched


async def test_an_expired_certificate_is_a_cause_and_one_near_its_end_is_told(
    survey: Survey, server: PrometheusStandIn
) -> None:
    server.add("probe_ssl_earliest_cert_expiry", {"instance": "x"}, [(NOW, 1.0)])
    asked = (
        "bottomk(20, (label_replace(min by (instance, namespace, name, subject_CN, job)"
        ' (probe_ssl_earliest_cert_expiry - time()), "from", "probe_ssl_earliest_cert_expiry", "", "")) < 1209600)'
    )
    server.canned[asked] = [
        ({"instance": "https://shop", "from": "p"}, [(NOW, -3600.0)]),
        ({"instance": "https://soon", "from": "p"}, [(NOW, 86400.0 * 3)]),
    ]
    found = await certificates.certificates(survey)
    assert [(f.cause, f.subject.name) for f in found.findings] == [("CertificateExpired", "https://shop")]
    assert "https://soon: 3 days left" in found.evidence[0].summary
