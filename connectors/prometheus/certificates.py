"""Which certificates have expired or are about to, by whatever metric tells."""

from __future__ import annotations

from collections.abc import Mapping

from connectors.evidence import Evidence, Finding, Observation, ResourceState, Subject
from connectors.prometheus.exporters import CERTIFICATES
from connectors.prometheus.samples import said
from connectors.prometheus.survey import Survey


async def certificates(survey: Survey) -> Observation:
    """Certificates that have expired or will within two weeks."""
    names = await survey.names()
    parts = [
        f'label_replace(min by (instance, namespace, name, subject_CN, job) ({e}), "from", "{n}", "", "")'
        for n, e in CERTIFICATES
        if n in names
    ]
    if not parts:
        return Observation(searched="no metric tells when a certificate expires")
    reading = await survey.instant(f"bottomk(20, ({' or '.join(parts)}) < {14 * 86400})")
    if not reading.streams:
        return Observation(searched=f"no certificate expires within 14 days: {reading.query}")
    rows = tuple(
        (_named(s.labels), said(s.points[-1][1] / 86400, "days"), s.labels.get("from", "")) for s in reading.streams
    )
    item = Evidence(
        key="prometheus/certificates",
        source="prometheus",
        check="certificates",
        title="Certificates near their end",
        query=reading.query,
        summary="; ".join(f"{r[0]}: {r[1]} left" for r in rows[:5]) + ".",
        link=survey.client.link(reading.expression),
        body=ResourceState(columns=("certificate", "left", "told by"), rows=rows),
    )
    expired = [s for s in reading.streams if s.points[-1][1] <= 0]
    findings = tuple(
        Finding(
            cause="CertificateExpired",
            subject=Subject(kind="Certificate", namespace=s.labels.get("namespace", ""), name=_named(s.labels)),
            confidence=0.7,
            rests_on=(item.key,),
            statement=f"The certificate of {_named(s.labels)} has expired",
            rule="prometheus:certificate-expired",
        )
        for s in expired
    )
    return Observation(evidence=(item,), findings=findings)


def _named(labels: Mapping[str, str]) -> str:
    return next((labels[k] for k in ("name", "subject_CN", "instance", "job") if labels.get(k)), "unnamed")
