"""Persona files: ours and users' own, in one format."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from chatops.domain.ports import ToolSpec
from chatops.persona.errors import PersonaError
from chatops.persona.personafile import available, load, parse

PLAIN = "---\nname: p\ndescription: d\ntools: Read, Bash\nmodel: sonnet\ncolor: blue\n---\n\n# P\nText.\n"

COVERED = {
    "AWS": "EC2, EKS, ECS, Lambda, RDS, DynamoDB, S3, CloudFront, Route53, VPC, IAM, CloudWatch, CloudFormation, CDK",
    "GCP": "GKE, Cloud Run, Cloud Functions, Cloud SQL, BigQuery, Cloud Storage, Cloud CDN, Cloud DNS, VPC, IAM, "
    "Cloud Monitoring",
    "Azure": "AKS, Azure Functions, Azure SQL, Cosmos DB, Blob Storage, Azure CDN, Azure DNS, VNet, Azure AD, "
    "Azure Monitor, ARM Templates",
    "Orchestration": "Kubernetes, Helm, Kustomize, service mesh, Istio, Linkerd, container security, image scanning, "
    "clusters, regions, HPA, VPA, Cluster Autoscaler",
    "Infrastructure as code": "Terraform, modules, workspaces, state, Pulumi, Ansible, GitOps, ArgoCD, Flux",
    "Delivery": "GitHub Actions, GitLab CI, Jenkins, CircleCI, pipelines, secrets, blue-green, canary, feature flags, "
    "progressive rollout, artifacts, container registries",
    "Observability": "Prometheus, Grafana, Datadog, ELK, Loki, Fluentd, CloudWatch Logs, Jaeger, Zipkin, AWS X-Ray, "
    "OpenTelemetry, PagerDuty, OpsGenie, SLI, SLO, error budgets",
    "Security": "segmented networks, Vault, AWS Secrets Manager, GCP Secret Manager, identity and access, SOC2, HIPAA, "
    "PCI-DSS, vulnerability scanning",
}
"""What the engineer knows, by the line that says it."""

PRACTICES = """
redundancy|circuit breakers|graceful degradation|scaled out|Capacity is planned|unobserved|Least privilege|
in layers|Cost is weighed|leave routine infrastructure code to others|Infrastructure code is software|
semantic versions|terratest|helm test|integration|diagrams|no repetition|no early abstraction|Requirements|State|
Trade-offs|Decision|Incremental rollout|Validation|load test|chaos experiment|Runbooks|ADR|standard|
disaster recovery|business continuity|run as they are|no TODO|decision is not obvious|assumptions and prerequisites|
resources and cost|a rollback for every change|official documentation
"""


@pytest.mark.parametrize("area", COVERED)
def test_ours_covers_every_system(area: str) -> None:
    (line,) = (line for line in load().text.splitlines() if line.startswith(f"- {area}: "))
    assert [name for name in COVERED[area].split(", ") if name not in line] == []


def test_ours_covers_every_practice() -> None:
    practices = [entry.strip() for entry in PRACTICES.replace("\n", "").split("|")]
    assert [practice for practice in practices if practice not in load().text] == []
    assert (load().name, load().model, load().tools) == ("senior-infrastructure-engineer", "opus", ("all",))


def test_a_file_of_another_editor_is_read() -> None:
    persona = parse(PLAIN)
    assert (persona.name, persona.tools, persona.model) == ("p", ("Read", "Bash"), "sonnet")
    assert persona.text == "# P\nText."


def test_a_description_with_colons_and_a_list_of_tools() -> None:
    assert parse(PLAIN.replace("description: d", "description: Use: when: asked")).description == "Use: when: asked"
    assert parse(PLAIN.replace("Read, Bash", "[kubernetes, prometheus]")).tools == ("kubernetes", "prometheus")
    assert parse(PLAIN.replace("tools: Read, Bash\n", "")).tools == ()


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("# no front matter", "front matter"),
        ("---\nname: p\n", "front matter"),
        ("---\nname: p\n---\n\n", "no text"),
        ("---\ndescription: d\n---\ntext", "`name:` of the front matter: Field required"),
        ("---\n- a\n---\ntext", "key: value"),
    ],
)
def test_what_is_wrong_is_said_with_the_file(source: str, said: str) -> None:
    with pytest.raises(PersonaError, match=f"mine.md: .*{re.escape(said)}"):
        parse(source, "mine.md")


def test_users_folders_come_first(tmp_path: Path) -> None:
    own = tmp_path / "senior-infrastructure-engineer.md"
    own.write_text(PLAIN)
    (tmp_path / "dba.md").write_text(PLAIN)
    assert load(folders=[tmp_path]).name == "p"
    assert load(str(own)).name == "p"
    assert available([tmp_path]) == ("dba", "senior-infrastructure-engineer")
    with pytest.raises(PersonaError, match="there are: dba"):
        load("nobody", [tmp_path])
    with pytest.raises(PersonaError, match="no persona"):
        load("../dba", [tmp_path / "inner", tmp_path])


def test_the_example_in_the_docs_is_a_persona() -> None:
    page = (Path(__file__).parents[2] / "docs" / "writing-a-persona.md").read_text("utf-8")
    (example,) = re.findall(r"```markdown\n(.*?)```", page, re.DOTALL)
    persona = parse(example, "database-engineer.md")
    assert (persona.name, persona.model) == ("database-engineer", "sonnet")
    assert persona.tools == ("kubernetes", "prometheus", "aws_metric")
    assert persona.description.endswith("storage.")
    specs = [ToolSpec("aws_metric", "", {}, "cloudwatch"), ToolSpec("aws_logs", "", {}, "cloudwatch")]
    assert [persona.means(spec) for spec in specs] == [True, False]
