"""Which systems should an on-call get help with, and how would one see that the help is there?

One row a system. Nothing is claimed in a row: `context` are marks that stand in a connector's source
when it reads that system, `causes` are codes that one of its analyzers must emit, `command` is a
question that the command policy must know to be reading, `page` is the runbook's path.
"""

# ruff: noqa: E501 - a table: one row, one line

from __future__ import annotations

from typing import NamedTuple


class System(NamedTuple):
    """A row: see the module. Empty fields mean that nothing of the kind exists yet."""

    area: str
    name: str
    page: str
    context: tuple[str, ...] = ()
    causes: tuple[str, ...] = ()
    command: str = ""


def _aws(name: str, page: str, namespace: str, causes: str, command: str) -> System:
    context = tuple(f'"{mark}"' for mark in namespace.split())
    return System("AWS", name, f"aws/{page}", context, tuple(causes.split()), command)


def _row(area: str, name: str, page: str, command: str = "", context: str = "", causes: str = "") -> System:
    return System(area, name, page, tuple(context.split()), tuple(causes.split()), command)


SYSTEMS: tuple[System, ...] = (
    _aws("EC2", "ec2", "AWS/EC2", "CloudInstanceImpaired", "aws ec2 describe-instance-status"),
    _aws("EKS", "eks", "eks", "CloudDeploymentFailed", "aws eks describe-cluster --name CLUSTER"),
    _aws("ECS", "ecs", "AWS/ECS", "CloudDeploymentFailed", "aws ecs describe-services --services SERVICE"),
    _aws("Lambda", "lambda", "AWS/Lambda", "FunctionThrottled FunctionErrors", "aws lambda get-function-concurrency --function-name F"),
    _aws("RDS", "rds", "AWS/RDS", "DatabaseCPUSaturated DatabaseFailover DatabaseStorageExhausted", "aws rds describe-events"),
    _aws("DynamoDB", "dynamodb", "AWS/DynamoDB", "TableThrottled", "aws dynamodb describe-table --table-name T"),
    _aws("S3", "s3", "AWS/S3", "CloudAccessDenied", "aws s3api get-bucket-policy --bucket B"),
    _aws("CloudFront", "cloudfront", "AWS/CloudFront", "ErrorRateIncrease", "aws cloudfront get-distribution --id D"),
    _aws("Route 53", "route53", "AWS/Route53", "TargetDown", "aws route53 get-health-check-status --health-check-id C"),
    _aws("VPC", "vpc", "AWS/NATGateway", "NATPortsExhausted", "aws ec2 describe-route-tables"),
    _row("AWS", "IAM", "aws/iam", "aws iam simulate-principal-policy --policy-source-arn R --action-names s3:GetObject", '"iam.amazonaws.com"=>changes', "CloudAccessDenied"),
    _aws("CloudWatch", "cloudwatch", "cloudwatch", "", "aws cloudwatch describe-alarms"),
    _aws("CloudFormation", "cloudformation", "cloudformation", "CloudDeploymentFailed", "aws cloudformation describe-stack-events --stack-name S"),
    _row("AWS", "SQS", "causes/serverless", "aws sqs get-queue-attributes --queue-url U --attribute-names All", '"AWS/SQS"', "QueueBacklog"),
    _row("AWS", "Kinesis", "causes/serverless", "aws kinesis describe-stream-summary --stream-name S", '"AWS/Kinesis"', "StreamThrottled QueueBacklog"),
    _row("AWS", "SNS", "causes/serverless", "aws sns list-subscriptions-by-topic --topic-arn T", '"AWS/SNS"', "DeliveryFailed"),
    _row("AWS", "EventBridge", "causes/serverless", "aws events list-targets-by-rule --rule R", '"AWS/Events"', "DeliveryFailed"),
    _row("AWS", "Step Functions", "causes/serverless", "aws stepfunctions list-executions --state-machine-arn S", '"AWS/States"', "WorkflowFailed"),
    _row("AWS", "MSK", "causes/clusters-of-data", "aws kafka list-clusters-v2", '"AWS/Kafka"', "BrokerUnavailable QueueBacklog"),
    _row("AWS", "OpenSearch", "causes/clusters-of-data", "aws opensearch describe-domain --domain-name D", '"AWS/ES"', "SearchClusterUnhealthy DatabaseStorageExhausted"),
    _row("AWS", "ElastiCache", "causes/serverless", "aws elasticache describe-events --source-type cache-cluster", '"AWS/ElastiCache"', "CacheEvictions"),
    _row("AWS", "DocumentDB", "causes/database-cloud", "aws docdb describe-db-clusters --db-cluster-identifier C", '"AWS/DocDB"', "DatabaseMemoryExhausted DatabaseReplicationLag"),
    _row("AWS", "EFS", "causes/cloud", "aws efs describe-file-systems --file-system-id F", '"AWS/EFS"', "VolumeIOSaturated"),
    _row("AWS", "ACM", "causes/certificates", "aws acm describe-certificate --certificate-arn C", '"AWS/CertificateManager"', "CertificateExpired"),
    _row("Google Cloud", "GKE", "gcp/gke", "gcloud container clusters describe C --region R", "resource.labels.namespace_name"),
    _row("Google Cloud", "Cloud Run", "gcp/cloud-run", "gcloud run services describe S --region R", "run.googleapis.com/request_count", "ErrorRateIncrease CloudDeploymentFailed"),
    _row("Google Cloud", "Cloud Functions", "gcp/functions", "gcloud functions describe F --region R", "cloudfunctions.googleapis.com", "FunctionErrors"),
    _row("Google Cloud", "Cloud SQL", "gcp/cloud-sql", "gcloud sql instances describe I", "cloudsql.googleapis.com", "DatabaseCPUSaturated DatabaseStorageExhausted DatabaseMemoryExhausted DatabaseReplicationLag"),
    _row("Google Cloud", "BigQuery", "gcp/bigquery", "bq ls -j -a -n 20", "cloudaudit.googleapis.com=>changes"),
    _row("Google Cloud", "Cloud Storage", "gcp/storage", "gcloud storage buckets describe gs://B", "cloudaudit.googleapis.com=>changes"),
    _row("Google Cloud", "Cloud CDN", "gcp/cdn", "gcloud compute backend-services get-health B --global", "loadbalancing.googleapis.com", "ErrorRateIncrease"),
    _row("Google Cloud", "Cloud DNS", "gcp/dns", "gcloud dns record-sets list --zone Z", "cloudaudit.googleapis.com=>changes"),
    _row("Google Cloud", "VPC", "gcp/vpc", "gcloud compute firewall-rules list", "compute.googleapis.com/nat", "NATPortsExhausted"),
    _row("Google Cloud", "IAM", "gcp/iam", "gcloud projects get-iam-policy P", "cloudaudit.googleapis.com=>changes"),
    _row("Google Cloud", "Cloud Monitoring", "gcp/monitoring", "gcloud logging metrics describe M", "monitoring.googleapis.com", "CloudQuotaExceeded"),
    _row("Azure", "AKS", "azure/aks", "az aks show --resource-group G --name C", "microsoft.containerservice/managedclusters", "NodeCPUSaturated NodeDiskPressure"),
    _row("Azure", "Azure Functions", "azure/functions", "az functionapp show --resource-group G --name A", "microsoft.web/sites", "ErrorRateIncrease LatencyIncrease"),
    _row("Azure", "Azure SQL", "azure/sql", "az sql db show --resource-group G --server S --name D", "microsoft.sql/servers/databases", "DatabaseCPUSaturated DatabaseStorageExhausted DatabaseIOSaturated DatabaseLockContention"),
    _row("Azure", "Cosmos DB", "azure/cosmos-db", "az cosmosdb show --resource-group G --name A", "microsoft.documentdb/databaseaccounts", "TableThrottled"),
    _row("Azure", "Blob Storage", "azure/blob-storage", "az storage account show --resource-group G --name A", "microsoft.storage/storageaccounts", "LatencyIncrease"),
    _row("Azure", "Azure CDN", "azure/cdn", "az afd origin list --resource-group G --profile-name P --origin-group-name O", "microsoft.cdn/profiles", "ErrorRateIncrease"),
    _row("Azure", "Azure DNS", "azure/dns", "az network private-dns zone list", "eventtypes/management=>changes"),
    _row("Azure", "VNet", "azure/vnet", "az network nic show-effective-route-table --resource-group G --name N", "microsoft.network/natgateways", "NATPortsExhausted"),
    _row("Azure", "Azure AD (Entra ID)", "azure/active-directory", "az ad sp show --id A", "auditLogs/signIns"),
    _row("Azure", "Azure Monitor", "azure/monitor", "az monitor metrics list --resource R --metric M", "Microsoft.ResourceHealth", "CloudInstanceImpaired"),
    _row("Azure", "ARM templates", "azure/arm", "az deployment operation group list --resource-group G --name D", "microsoft.resources/deployments/write", "CloudDeploymentFailed"),
    _row("Containers", "Kubernetes", "kubernetes/cluster-architecture", "kubectl get nodes", "kubernetes.aio kubernetes.client", "NodeNotReady OOMKilled InsufficientCPU"),
    _row("Containers", "Helm", "kubernetes/helm", "helm history R -n N", "helm.toolkit.fluxcd.io", "HelmReleaseFailed"),
    _row("Containers", "Kustomize", "kubernetes/kustomize", "kubectl diff -k overlays/production", "kustomize.toolkit.fluxcd.io", "GitOpsSyncFailed"),
    _row("Containers", "Istio", "kubernetes/istio", "istioctl proxy-status", "networking.istio.io", "GatewayMisroute"),
    _row("Containers", "Linkerd", "kubernetes/linkerd", "linkerd check", "policy.linkerd.io", "ReconcileFailed"),
    _row("Containers", "Image scanning", "kubernetes/image-scanning", "kubectl get vulnerabilityreports -A", "aquasecurity.github.io"),
    _row("Containers", "Multi-cluster, multi-region", "kubernetes/multi-cluster", "kubectl config get-contexts", "ClustersConnector"),
    _row("Containers", "HPA", "kubernetes/hpa", "kubectl describe hpa H -n N", "horizontalpodautoscaler", "AutoscalerLimited AutoscalerMetricsUnavailable"),
    _row("Containers", "VPA", "kubernetes/vpa", "kubectl get vpa -A", "autoscaling.k8s.io", "AutoscalerTargetInvalid"),
    _row("Containers", "Cluster Autoscaler", "kubernetes/cluster-autoscaler", "kubectl get configmap cluster-autoscaler-status -n kube-system -o yaml", "cluster-autoscaler-status", "ClusterAutoscalerBlocked"),
    _row("Infrastructure as code", "Terraform", "iac/terraform", "terraform state list", "infra.contrib.fluxcd.io app.terraform.io", "ReconcileFailed"),
    _row("Infrastructure as code", "Pulumi", "iac/pulumi", "pulumi stack history", "pulumi.com", "ReconcileFailed"),
    _row("Infrastructure as code", "CDK", "iac/cdk", "cdk diff S", '"cloudformation"', "CloudDeploymentFailed"),
    _row("Infrastructure as code", "Ansible", "iac/ansible", "ansible-inventory --graph", "/api/v2/jobs/", "PipelineFailed"),
    _row("Infrastructure as code", "Argo CD", "iac/argo-cd", "argocd app diff A", "argoproj.io", "GitOpsSyncFailed"),
    _row("Infrastructure as code", "Flux", "iac/flux", "kubectl get kustomizations -A", "kustomize.toolkit.fluxcd.io", "GitOpsSyncFailed"),
    _row("Delivery", "GitHub Actions", "cicd/github-actions", "gh run list", "/actions/runs", "PipelineFailed"),
    _row("Delivery", "GitLab CI", "cicd/gitlab-ci", "glab ci list", "/api/v4/projects", "PipelineFailed"),
    _row("Delivery", "Jenkins", "cicd/jenkins", "kubectl logs statefulset/jenkins -n jenkins", "/queue/api/json", "PipelineFailed"),
    _row("Delivery", "CircleCI", "cicd/circleci", "circleci config validate", "Circle-Token", "PipelineFailed"),
    _row("Delivery", "Canary and blue-green", "cicd/canary-and-blue-green", "kubectl get rollouts -n N", "flagger.app argoproj.io", "CanaryFailed BadRelease RolloutStuck"),
    _row("Delivery", "Feature flags", "cicd/feature-flags", "kubectl get featureflags -n N", "core.openfeature.dev"),
    _row("Delivery", "Artifacts and registries", "cicd/registries", "aws ecr describe-images --repository-name R", "/manifests/", "IncorrectImageReference ImageRegistryUnreachable"),
    _row("Observability", "Prometheus", "observability/prometheus", "promtool query instant http://localhost:9090 up", "prometheus_api_client", "TargetDown ErrorRateIncrease"),
    _row("Observability", "Grafana", "observability/grafana", "kubectl logs deployment/grafana -n monitoring", "api/annotations"),
    _row("Observability", "Datadog", "observability/datadog", "kubectl logs daemonset/datadog -n datadog", "api/v1/monitor/search"),
    _row("Observability", "CloudWatch Logs", "observability/cloudwatch-logs", "aws logs describe-log-streams --log-group-name G", "FilterLogEvents"),
    _row("Observability", "ELK", "observability/elk", "curl -s http://localhost:9200/_cluster/health", "/_search"),
    _row("Observability", "Loki", "observability/loki", "logcli labels", "loki/api/v1"),
    _row("Observability", "Fluentd", "observability/fluentd", "kubectl logs daemonset/fluentd -n logging", "/api/plugins.json"),
    _row("Observability", "Jaeger", "observability/jaeger", "kubectl get jaegers -A", "api/traces", "DependencyUnavailable LatencyIncrease"),
    _row("Observability", "Zipkin", "observability/zipkin", "kubectl logs deployment/zipkin -n observability", "api/v2/traces", "DependencyUnavailable LatencyIncrease"),
    _row("Observability", "X-Ray", "observability/x-ray", "aws xray get-service-graph --start-time 1 --end-time 2", '"xray"'),
    _row("Observability", "OpenTelemetry", "observability/opentelemetry", "kubectl get opentelemetrycollectors -A", "opentelemetry.io resourceSpans", "DependencyUnavailable LatencyIncrease"),
    _row("Observability", "PagerDuty", "observability/pagerduty", "amtool alert query --alertmanager.url=http://localhost:9093", "/change_events"),
    _row("Observability", "Opsgenie", "observability/opsgenie", "amtool silence query --alertmanager.url=http://localhost:9093", "/v2/alerts"),
    _row("Observability", "SLO and error budget", "observability/slo", "promtool query instant http://localhost:9090 up", "prometheus_api_client", "ErrorRateIncrease LatencyIncrease"),
    _row("Security", "Network segmentation", "security/network-segmentation", "kubectl get networkpolicies -A", "networkpolic", "NetworkPolicyBlocked"),
    _row("Security", "Vault", "security/vault", "vault status", "secrets.hashicorp.com v1/sys/health", "SecretSyncFailed DependencyUnavailable"),
    _row("Security", "AWS Secrets Manager", "security/aws-secrets-manager", "aws secretsmanager describe-secret --secret-id S", '"cloudtrail"=>changes'),
    _row("Security", "GCP Secret Manager", "security/gcp-secret-manager", "gcloud secrets versions list S", "cloudaudit.googleapis.com=>changes"),
    _row("Security", "Identity and access", "security/identity", "kubectl auth whoami", "authorization.k8s.io", "RBACForbidden InvalidCredentials CloudAccessDenied"),
    _row("Security", "Compliance evidence", "security/compliance-evidence", "aws cloudtrail lookup-events", '"cloudtrail" cloudaudit.googleapis.com eventtypes/management'),
    _row("Security", "Security scanning", "security/scanning", "aws inspector2 list-findings", "aquasecurity.github.io"),
    _row("Practice", "Disaster recovery", "practice/disaster-recovery", "aws rds describe-db-snapshots", 'velero.io "rds"', "JobFailed DatabaseFailover"),
    _row("Practice", "Capacity", "practice/capacity", "kubectl top nodes", "metrics.k8s.io", "InsufficientCPU CloudQuotaExceeded"),
    _row("Practice", "Cost spikes", "practice/cost-spike", "aws ce get-cost-and-usage --time-period Start=2026-01-01,End=2026-01-08 --granularity DAILY --metrics UnblendedCost", '"ce"=>opt-in'),
)  # fmt: skip
