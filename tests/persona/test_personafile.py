"""Persona files: ours and users' own, in one format."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from chatops.persona.errors import PersonaError
from chatops.persona.personafile import available, load, parse

PLAIN = "---\nname: p\ndescription: d\ntools: Read, Bash\nmodel: sonnet\ncolor: blue\n---\n\n# P\nText.\n"

KNOWN = """
EC2 EKS ECS Lambda RDS DynamoDB S3 CloudFront Route53 VPC IAM CloudWatch CloudFormation|GKE|Cloud Run|
Cloud Functions|Cloud SQL|BigQuery|Cloud Storage|Cloud CDN|Cloud DNS|Cloud Monitoring|AKS|Azure Functions|
Azure SQL|Cosmos DB|Blob Storage|Azure CDN|Azure DNS|VNet|Azure AD|Azure Monitor|ARM Templates|Kubernetes|
Helm|Kustomize|Istio|Linkerd|image scanning|HPA VPA|Cluster Autoscaler|Terraform|modules workspaces state|
Pulumi|CDK|Ansible|GitOps ArgoCD Flux|GitHub Actions|GitLab CI|Jenkins|CircleCI|lue-green canary|eature flags|
progressive rollout|egistries|Prometheus Grafana Datadog|ELK Loki Fluentd|CloudWatch Logs|
Jaeger Zipkin X-Ray OpenTelemetry|PagerDuty OpsGenie|SLO SLI|rror budgets|Vault|AWS Secrets Manager|
GCP Secret Manager|SOC2 HIPAA PCI-DSS|ulnerability|ircuit breakers|east privilege|ost|terratest|helm test|
integration tests|semantic|ADR|haos|oad test|unbooks|isaster recovery|usiness continuity|apacity|ollback|
no placeholders|ssumption|rerequisite|fficial documentation|equirements|tate|rade-offs|ecision|
ncremental rollout|alidation
"""


def test_ours_covers_every_system_and_practice() -> None:
    text = load().text
    entries = [entry.strip() for entry in KNOWN.replace("\n", " ").split("|")]
    names = [name for entry in entries for name in ([entry] if entry in text else entry.split())]
    missing = [name for name in names if name not in text]
    assert missing == []
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
        ("---\ndescription: d\n---\ntext", "name"),
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
