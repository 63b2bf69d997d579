"""Which links may an answer hold that no system named? Those to official documentation, where only its makers write."""

from __future__ import annotations

import re

_HOSTS_WORDS = """
    kubernetes.io kubectl.docs.kubernetes.io docs.aws.amazon.com cloud.google.com learn.microsoft.com
    developer.hashicorp.com docs.openshift.com prometheus.io grafana.com opentelemetry.io www.jaegertracing.io
    zipkin.io istio.io linkerd.io www.envoyproxy.io docs.cilium.io docs.tigera.io coredns.io etcd.io containerd.io
    docs.docker.com helm.sh keda.sh karpenter.sh cert-manager.io letsencrypt.org external-secrets.io velero.io
    gateway-api.sigs.k8s.io argo-cd.readthedocs.io argo-rollouts.readthedocs.io fluxcd.io tekton.dev opentofu.org
    www.pulumi.com docs.ansible.com docs.github.com docs.gitlab.com www.jenkins.io circleci.com www.postgresql.org
    www.pgbouncer.org dev.mysql.com mariadb.com redis.io valkey.io www.mongodb.com kafka.apache.org
    cassandra.apache.org www.rabbitmq.com docs.nats.io www.elastic.co opensearch.org docs.fluentd.org
    docs.fluentbit.io docs.datadoghq.com docs.newrelic.com support.pagerduty.com nginx.org docs.haproxy.org
    httpd.apache.org docs.kernel.org man7.org go.dev docs.oracle.com docs.python.org nodejs.org sre.google
"""
_HOSTS = "|".join(re.escape(host) for host in _HOSTS_WORDS.split())
_LINK = re.compile(rf"(?<![\w/])https://(?:{_HOSTS})(?:/[\w./~#-]{{0,160}})?(?!\.?[\w/?@:%=&~#-])", re.IGNORECASE)
"""Without a query, a user or a port: what is sent along could be anything."""


def without(text: str) -> str:
    """The text without such links."""
    return _LINK.sub(" ", text)
