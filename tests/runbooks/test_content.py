"""The pages that come with the product: complete, safe to follow, and one for everything we name."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest

from chatops.domain.alert import Alert
from chatops.policy.commands import judge_line
from chatops.runbook_index import Library, packaged
from chatops.runbook_index.lint import lint
from chatops.runbook_index.pages import Page
from connectors.causes import CATALOGUE, Cause

SYSTEMS = (  # noqa: SIM905 - read as prose
    "EC2, EKS, ECS, Lambda, RDS, DynamoDB, S3, CloudFront, Route 53, VPC, IAM, CloudWatch, CloudFormation, GKE, "
    "Cloud Run, Cloud Functions, Cloud SQL, BigQuery, Cloud Storage, Cloud CDN, Cloud DNS, GCP VPC, GCP IAM, "
    "Cloud Monitoring, AKS, Azure Functions, Azure SQL, Cosmos DB, Blob Storage, Azure CDN, Azure DNS, Azure "
    "VNet, Azure AD, Azure Monitor, ARM, Kubernetes architecture, Helm, Kustomize, Istio, Linkerd, container "
    "image scanning, multi-cluster, multi-region, HPA, VPA, Cluster Autoscaler, Terraform, Pulumi, CDK, "
    "Ansible, Argo CD, Flux, GitHub Actions, GitLab CI, Jenkins, CircleCI, canary deployments, blue-green "
    "deployments, feature flags, container registries, artifact management, Prometheus, Grafana, Datadog, "
    "CloudWatch Logs, ELK, Loki, Fluentd, Jaeger, Zipkin, X-Ray, OpenTelemetry, PagerDuty, Opsgenie, SLO, error "
    "budget, network security, Vault, AWS Secrets Manager, GCP Secret Manager, identity and access management, "
    "SOC 2, HIPAA, PCI-DSS, security scanning, vulnerability management, disaster recovery, business "
    "continuity, capacity planning, cost optimization"
).split(", ")
"""What a senior infrastructure engineer is asked about."""

COMMON_ALERTS = (  # noqa: SIM905 - read as prose
    "KubePodCrashLooping KubePodNotReady KubeNodeNotReady KubeQuotaExceeded KubePersistentVolumeFillingUp "
    "CPUThrottlingHigh KubeHpaMaxedOut KubeJobFailed KubeAPIDown etcdNoLeader TargetDown KubeProxyDown "
    "NodeClockSkewDetected KubeSchedulerDown KubeControllerManagerDown KubeClientCertificateExpiration"
).split()


@pytest.fixture(scope="module")
def library() -> Library:
    return Library([packaged()])


def systems_of(page: Page) -> set[str]:
    return set(page.listed("systems"))


def test_lint_finds_nothing(library: Library) -> None:
    today = max(page.reviewed for page in library.pages if page.reviewed)
    assert [str(problem) for problem in lint([packaged().root], judge_line, today)] == []
    assert library.stats().problems == ()


@pytest.mark.parametrize("cause", CATALOGUE, ids=lambda cause: cause.code)
def test_every_cause_has_a_section_that_begins_with_a_check(library: Library, cause: Cause) -> None:
    hits = library.for_incident((), [cause.runbook], "", limit=1)
    assert hits, f"no page lists {cause.code}"
    hit = hits[0]
    page = next(page for page in library.pages if page.slug == hit.slug)
    section = page.section_for_cause(cause.code)
    assert section is not None
    assert hit.link.href.endswith(f"#{section.anchor}")
    assert section.text.lstrip().startswith("```"), "a section on a cause begins with what confirms it"
    after = section.text.rpartition("```")[2]
    assert len(after.split()) >= 10, "and says how to read the answer"


def test_a_cause_stands_on_one_page_only(library: Library) -> None:
    counts = Counter(code for page in library.pages for code in page.listed("causes"))
    assert [code for code, count in counts.items() if count > 1] == []


@pytest.mark.parametrize("system", SYSTEMS)
def test_every_system_has_a_page(library: Library, system: str) -> None:
    assert any(system in systems_of(page) for page in library.pages)


@pytest.mark.parametrize("name", COMMON_ALERTS)
def test_well_known_alerts_lead_to_a_page(library: Library, name: str) -> None:
    alert = Alert(fingerprint=name, source="test", name=name, starts_at=datetime(2026, 1, 1, tzinfo=UTC))
    hit = library.for_incident([alert], [], "")[0]
    assert hit.how == "alert"
    assert hit.link.section


@pytest.mark.parametrize(
    ("question", "slug"),
    [
        ("pods are OOMKilled since this morning", "causes/memory"),
        ("postgres says sorry, too many clients already", "causes/database-health"),
        ("lookups answer NXDOMAIN, CoreDNS restarts", "causes/dns"),
        ("Error acquiring the state lock in terraform", "iac/terraform"),
        ("Vault is sealed after the node was replaced", "security/vault"),
        ("volume claim is pending, no storage class", "causes/volume-claims"),
        ("istio upstream connect error 503 UH", "kubernetes/istio"),
        ("our cloud bill doubled since yesterday", "practice/cost-spike"),
        ("argo cd application out of sync", "iac/argo-cd"),
        ("jobs stay queued, no github actions runner", "cicd/github-actions"),
        ("error budget burn rate 14.4 fast burn", "observability/slo"),
        ("we must restore the database in another region", "practice/disaster-recovery"),
    ],
)
def test_questions_in_plain_words_find_their_page(library: Library, question: str, slug: str) -> None:
    assert slug in [hit.slug for hit in library.search(question, 2)]


@pytest.mark.parametrize(
    "question",
    ["the coffee maker is leaking", "holiday schedule of the accounting team", "printer on floor three has no paper"],
)
def test_questions_about_something_else_find_none(library: Library, question: str) -> None:
    assert library.search(question) == []


def test_pages_do_not_repeat_each_other(library: Library) -> None:
    lines = Counter(
        line
        for page in library.pages
        for line in {line.strip() for section in page.sections for line in section.text.splitlines()}
        if len(line.split()) > 9
        and not line.startswith(("kubectl", "aws", "gcloud", "az ", "- [", "sum ", "histogram"))
    )
    assert [line for line, count in lines.items() if count > 1] == []


def test_pages_are_long_enough_to_help_and_short_enough_to_read(library: Library) -> None:
    words = {page.slug: sum(len(section.text.split()) for section in page.sections) for page in library.pages}
    assert [slug for slug, count in words.items() if not 200 <= count <= 1600] == []


def test_no_sentence_stands_on_more_than_three_pages(library: Library) -> None:
    pages_of: dict[str, set[str]] = {}
    for page in library.pages:
        prose = " ".join(re.sub(r"(?ms)^```.*?^```$", " ", section.text) for section in page.sections)
        for sentence in re.split(r"(?<=[.!?;])\s+|\||\n\s*\n", prose):
            words = sentence.split()
            if len(words) >= 5 and not words[0].startswith("`kubectl"):
                pages_of.setdefault(" ".join(words).lower(), set()).add(page.slug)
    assert {text: sorted(pages) for text, pages in pages_of.items() if len(pages) > 3} == {}


def test_links_to_documentation_are_official_addresses_of_their_own(library: Library) -> None:
    for page in library.pages:
        references = next(s for s in page.sections if s.heading == "References")
        targets = [target for target in references.links if target.startswith("https://")]
        assert targets, page.slug
        assert len(targets) == len(set(targets)), page.slug
        assert all(urlsplit(target).path not in ("", "/") for target in targets), (
            f"{page.slug}: a home page helps nobody"
        )
