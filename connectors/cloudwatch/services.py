"""Which metrics tell how an AWS resource is doing? One row per service, one per metric.

A newcomer adds a service by adding a row: its CloudWatch namespace, the dimensions that name one of
its resources, the labels under which alerts and exporters write that name, and its telling metrics
with the statistic that means something for each (AWS' own guidance: an average hides a maximum lag,
a sum is the only statistic of a count).
"""

from __future__ import annotations

from connectors.cloudwatch.measures import Metric, Service
from connectors.cloudwatch.messaging import MESSAGING

_m = Metric

_DATABASE = (
    _m("CPUUtilization", "Average", "%", "saturation"),
    _m("DatabaseConnections", "Maximum", "count", "saturation"),
    _m("FreeStorageSpace", "Minimum", "B", "saturation", "down"),
    _m("FreeLocalStorage", "Minimum", "B", "saturation", "down"),
    _m("FreeableMemory", "Minimum", "B", "saturation", "down"),
    _m("SwapUsage", "Maximum", "B", "saturation"),
    _m("ReadIOPS", "Average", "1/s", "traffic", ""),
    _m("WriteIOPS", "Average", "1/s", "traffic", ""),
    _m("ReadThroughput", "Average", "B/s", "traffic", ""),
    _m("WriteThroughput", "Average", "B/s", "traffic", ""),
    _m("ReadLatency", "Average", "s", "latency"),
    _m("WriteLatency", "Average", "s", "latency"),
    _m("DiskQueueDepth", "Average", "count", "saturation"),
    _m("BurstBalance", "Minimum", "%", "saturation", "down"),
    _m("EBSIOBalance%", "Minimum", "%", "saturation", "down"),
    _m("EBSByteBalance%", "Minimum", "%", "saturation", "down"),
    _m("CPUCreditBalance", "Minimum", "count", "saturation", "down"),
    _m("ReplicaLag", "Maximum", "s", "saturation"),
    _m("AuroraReplicaLag", "Maximum", "ms", "saturation"),
    _m("OldestReplicationSlotLag", "Maximum", "B", "saturation"),
    _m("TransactionLogsGeneration", "Average", "B/s", "traffic", ""),
    _m("TransactionLogsDiskUsage", "Maximum", "B", "saturation"),
    _m("MaximumUsedTransactionIDs", "Maximum", "count", "saturation"),
    _m("CommitThroughput", "Average", "1/s", "traffic", ""),
    _m("CommitLatency", "Average", "ms", "latency"),
    _m("NetworkReceiveThroughput", "Average", "B/s", "traffic", ""),
    _m("NetworkTransmitThroughput", "Average", "B/s", "traffic", ""),
    _m("Deadlocks", "Average", "1/s", "errors"),
    _m("BlockedTransactions", "Average", "count", "saturation"),
    _m("LoginFailures", "Average", "1/s", "errors"),
    _m("DBLoad", "Average", "sessions", "saturation"),
    _m("CheckpointLag", "Maximum", "s", "saturation"),
)

SERVICES: tuple[Service, ...] = (
    Service("rds", "AWS/RDS", "DBInstance", ("DBInstanceIdentifier",), _DATABASE,
            ("db_instance_identifier", "db_instance", "dbinstance_identifier", "rds_instance", "read_replica"),
            telltale="DatabaseConnections"),
    Service("aurora", "AWS/RDS", "DBCluster", ("DBClusterIdentifier",), (
        _m("VolumeBytesUsed", "Maximum", "B", "saturation"),
        _m("AuroraVolumeBytesLeftTotal", "Minimum", "B", "saturation", "down"),
        _m("ServerlessDatabaseCapacity", "Maximum", "ACU", "saturation"),
        _m("ACUUtilization", "Maximum", "%", "saturation"),
        _m("AuroraReplicaLagMaximum", "Maximum", "ms", "saturation"),
        _m("Deadlocks", "Average", "1/s", "errors"),
    ), ("db_cluster", "db_cluster_identifier", "dbcluster_identifier", "rds_cluster"), telltale="VolumeBytesUsed"),
    Service("ecs", "AWS/ECS", "ECSService", ("ServiceName", "ClusterName"), (
        _m("CPUUtilization", "Average", "%", "saturation"),
        _m("MemoryUtilization", "Maximum", "%", "saturation"),
    ), ("ecs_service", "ecs_service_name", "service_name"), telltale="MemoryUtilization"),
    Service("ecs_insights", "ECS/ContainerInsights", "ECSService", ("ServiceName", "ClusterName"), (
        _m("RunningTaskCount", "Minimum", "count", "state", "down"),
        _m("DesiredTaskCount", "Maximum", "count", "state", ""),
        _m("PendingTaskCount", "Maximum", "count", "state"),
        _m("DeploymentCount", "Maximum", "count", "state", ""),
    )),
    Service("eks", "ContainerInsights", "EKSCluster", ("ClusterName",), (
        _m("cluster_failed_node_count", "Maximum", "count", "state"),
        _m("cluster_node_count", "Minimum", "count", "state", ""),
        _m("node_cpu_utilization", "Maximum", "%", "saturation"),
        _m("node_memory_utilization", "Maximum", "%", "saturation"),
        _m("node_filesystem_utilization", "Maximum", "%", "saturation"),
    ), ("eks_cluster", "cluster_name", "kube_cluster_name"), telltale="cluster_node_count"),
    Service("eks_pod", "ContainerInsights", "Workload", ("PodName", "Namespace", "ClusterName"), (
        _m("pod_cpu_utilization_over_pod_limit", "Maximum", "%", "saturation"),
        _m("pod_memory_utilization_over_pod_limit", "Maximum", "%", "saturation"),
        _m("pod_number_of_container_restarts", "Maximum", "count", "errors"),
        _m("pod_status_pending", "Maximum", "count", "state"),
    )),
    Service("lambda", "AWS/Lambda", "Function", ("FunctionName",), (
        _m("Invocations", "Sum", "count", "traffic", ""),
        _m("Errors", "Sum", "count", "errors"),
        _m("Throttles", "Sum", "count", "errors"),
        _m("Duration", "Maximum", "ms", "latency"),
        _m("ConcurrentExecutions", "Maximum", "count", "saturation"),
        _m("IteratorAge", "Maximum", "ms", "saturation"),
        _m("DeadLetterErrors", "Sum", "count", "errors"),
        _m("AsyncEventAge", "Maximum", "ms", "saturation"),
    ), ("function_name", "lambda_function", "lambda"), telltale="Invocations"),
    Service("alb", "AWS/ApplicationELB", "LoadBalancer", ("LoadBalancer",), (
        _m("RequestCount", "Sum", "count", "traffic", ""),
        _m("HTTPCode_Target_5XX_Count", "Sum", "count", "errors"),
        _m("HTTPCode_ELB_5XX_Count", "Sum", "count", "errors"),
        _m("HTTPCode_Target_4XX_Count", "Sum", "count", "errors"),
        _m("TargetResponseTime", "p99", "s", "latency"),
        _m("TargetConnectionErrorCount", "Sum", "count", "errors"),
        _m("RejectedConnectionCount", "Sum", "count", "errors"),
        _m("ActiveConnectionCount", "Sum", "count", "traffic", ""),
        _m("TargetTLSNegotiationErrorCount", "Sum", "count", "errors"),
    ), ("load_balancer", "loadbalancer", "elb"), telltale="RequestCount"),
    Service("alb_target", "AWS/ApplicationELB", "TargetGroup", ("TargetGroup", "LoadBalancer"), (
        _m("HealthyHostCount", "Minimum", "count", "state", "down"),
        _m("UnHealthyHostCount", "Maximum", "count", "state"),
    ), ("target_group", "targetgroup"), telltale="HealthyHostCount"),
    Service("nlb", "AWS/NetworkELB", "LoadBalancer", ("LoadBalancer",), (
        _m("ActiveFlowCount", "Average", "count", "traffic", ""),
        _m("TCP_Target_Reset_Count", "Sum", "count", "errors"),
        _m("TCP_ELB_Reset_Count", "Sum", "count", "errors"),
        _m("PortAllocationErrorCount", "Sum", "count", "errors"),
    ), telltale="ActiveFlowCount"),
    Service("nlb_target", "AWS/NetworkELB", "TargetGroup", ("TargetGroup", "LoadBalancer"), (
        _m("HealthyHostCount", "Minimum", "count", "state", "down"),
        _m("UnHealthyHostCount", "Maximum", "count", "state"),
    )),
    Service("dynamodb", "AWS/DynamoDB", "Table", ("TableName",), (
        _m("ConsumedReadCapacityUnits", "Sum", "count", "traffic", ""),
        _m("ConsumedWriteCapacityUnits", "Sum", "count", "traffic", ""),
        _m("ProvisionedReadCapacityUnits", "Average", "count", "state", ""),
        _m("ProvisionedWriteCapacityUnits", "Average", "count", "state", ""),
        _m("ReadThrottleEvents", "Sum", "count", "errors"),
        _m("WriteThrottleEvents", "Sum", "count", "errors"),
        _m("ThrottledRequests", "Sum", "count", "errors"),
        _m("SystemErrors", "Sum", "count", "errors"),
        _m("TransactionConflict", "Sum", "count", "errors"),
    ), ("table_name", "dynamodb_table"), telltale="ConsumedReadCapacityUnits"),
    Service("ec2", "AWS/EC2", "Instance", ("InstanceId",), (
        _m("StatusCheckFailed_System", "Maximum", "count", "state"),
        _m("StatusCheckFailed_Instance", "Maximum", "count", "state"),
        _m("StatusCheckFailed_AttachedEBS", "Maximum", "count", "state"),
        _m("CPUUtilization", "Average", "%", "saturation"),
        _m("CPUCreditBalance", "Minimum", "count", "saturation", "down"),
        _m("NetworkIn", "Sum", "B", "traffic", ""),
        _m("NetworkOut", "Sum", "B", "traffic", ""),
    ), ("instance_id", "ec2_instance_id")),
    Service("ebs", "AWS/EBS", "Volume", ("VolumeId",), (
        _m("BurstBalance", "Minimum", "%", "saturation", "down"),
        _m("VolumeQueueLength", "Average", "count", "saturation"),
        _m("VolumeStalledIOCheck", "Maximum", "count", "state"),
        _m("VolumeIOPSExceededCheck", "Maximum", "count", "state"),
    ), ("volume_id",)),
    Service("asg", "AWS/AutoScaling", "AutoScalingGroup", ("AutoScalingGroupName",), (
        _m("GroupDesiredCapacity", "Maximum", "count", "state", ""),
        _m("GroupInServiceInstances", "Minimum", "count", "state", "down"),
        _m("GroupMaxSize", "Maximum", "count", "state", ""),
    ), ("auto_scaling_group", "autoscaling_group", "asg"), telltale="GroupInServiceInstances"),
    Service("elasticache", "AWS/ElastiCache", "CacheCluster", ("CacheClusterId",), (
        _m("EngineCPUUtilization", "Average", "%", "saturation"),
        _m("CPUUtilization", "Average", "%", "saturation"),
        _m("DatabaseMemoryUsagePercentage", "Maximum", "%", "saturation"),
        _m("Evictions", "Sum", "count", "errors"),
        _m("CurrConnections", "Maximum", "count", "traffic", ""),
        _m("NewConnections", "Sum", "count", "traffic", ""),
        _m("CacheHitRate", "Average", "%", "state", "down"),
        _m("ReplicationLag", "Maximum", "s", "saturation"),
        _m("SwapUsage", "Maximum", "B", "saturation"),
    ), ("cache_cluster_id", "elasticache_cluster", "cache_cluster"), telltale="CurrConnections"),
    Service("cloudfront", "AWS/CloudFront", "Distribution", ("DistributionId", "Region"), (
        _m("Requests", "Sum", "count", "traffic", ""),
        _m("5xxErrorRate", "Average", "%", "errors"),
        _m("4xxErrorRate", "Average", "%", "errors"),
        _m("OriginLatency", "p99", "ms", "latency"),
    ), ("distribution_id", "cloudfront_distribution"), region="us-east-1"),
    Service("apigateway", "AWS/ApiGateway", "Api", ("ApiName",), (
        _m("Count", "Sum", "count", "traffic", ""),
        _m("5XXError", "Sum", "count", "errors"),
        _m("4XXError", "Sum", "count", "errors"),
        _m("Latency", "p99", "ms", "latency"),
        _m("IntegrationLatency", "p99", "ms", "latency"),
    ), ("api_name", "rest_api"), telltale="Count"),
    Service("httpapi", "AWS/ApiGateway", "Api", ("ApiId",), (
        _m("Count", "Sum", "count", "traffic", ""),
        _m("5xx", "Sum", "count", "errors"),
        _m("4xx", "Sum", "count", "errors"),
        _m("Latency", "p99", "ms", "latency"),
        _m("IntegrationLatency", "p99", "ms", "latency"),
    ), ("api_id",)),
    Service("s3", "AWS/S3", "Bucket", ("BucketName", "FilterId"), (
        _m("AllRequests", "Sum", "count", "traffic", ""),
        _m("5xxErrors", "Sum", "count", "errors"),
        _m("4xxErrors", "Sum", "count", "errors"),
        _m("FirstByteLatency", "p99", "ms", "latency"),
    ), ("bucket_name", "bucket", "s3_bucket")),
    Service("route53", "AWS/Route53", "HealthCheck", ("HealthCheckId",), (
        _m("HealthCheckStatus", "Minimum", "count", "state", "down"),
        _m("HealthCheckPercentageHealthy", "Minimum", "%", "state", "down"),
    ), ("health_check_id",), region="us-east-1"),
    Service("nat", "AWS/NATGateway", "NatGateway", ("NatGatewayId",), (
        _m("ErrorPortAllocation", "Sum", "count", "errors"),
        _m("PacketsDropCount", "Sum", "count", "errors"),
        _m("ActiveConnectionCount", "Maximum", "count", "traffic", ""),
        _m("BytesOutToDestination", "Sum", "B", "traffic", ""),
    ), ("nat_gateway_id", "nat_gateway")),
    Service("opensearch", "AWS/ES", "SearchDomain", ("DomainName", "ClientId"), (
        _m("ClusterStatus.red", "Maximum", "count", "state"),
        _m("ClusterStatus.yellow", "Maximum", "count", "state"),
        _m("Nodes", "Minimum", "count", "state", "down"),
        _m("ClusterIndexWritesBlocked", "Maximum", "count", "state"),
        _m("MasterReachableFromNode", "Minimum", "count", "state", "down"),
        _m("KMSKeyInaccessible", "Maximum", "count", "state"),
        _m("FreeStorageSpace", "Minimum", "MiB", "saturation", "down"),
        _m("JVMMemoryPressure", "Maximum", "%", "saturation"),
        _m("CPUUtilization", "Average", "%", "saturation"),
        _m("SearchLatency", "Average", "ms", "latency"),
        _m("IndexingLatency", "Average", "ms", "latency"),
        _m("2xx", "Sum", "count", "traffic", ""),
        _m("5xx", "Sum", "count", "errors"),
        _m("ThreadpoolSearchRejected", "Maximum", "count", "errors"),
        _m("ThreadpoolWriteRejected", "Maximum", "count", "errors"),
    ), ("domain_name", "opensearch_domain"), telltale="Nodes"),
    Service("redshift", "AWS/Redshift", "Warehouse", ("ClusterIdentifier",), (
        _m("HealthStatus", "Minimum", "count", "state", "down"),
        _m("CPUUtilization", "Average", "%", "saturation"),
        _m("PercentageDiskSpaceUsed", "Average", "%", "saturation"),
        _m("DatabaseConnections", "Maximum", "count", "traffic", ""),
    ), ("redshift_cluster", "cluster_identifier")),
    Service("efs", "AWS/EFS", "FileSystem", ("FileSystemId",), (
        _m("BurstCreditBalance", "Minimum", "B", "saturation", "down"),
        _m("PercentIOLimit", "Maximum", "%", "saturation"),
        _m("PermittedThroughput", "Minimum", "B/s", "state", "down"),
        _m("MeteredIOBytes", "Sum", "B", "traffic", ""),
        _m("ClientConnections", "Sum", "count", "traffic", ""),
    ), ("file_system_id", "efs_file_system")),
    Service("acm", "AWS/CertificateManager", "Certificate", ("CertificateArn",), (
        _m("DaysToExpiry", "Minimum", "days", "state", "down"),
    ), ("certificate_arn",)),
    *MESSAGING,
    Service("quota", "AWS/Usage", "Quota", ("Resource", "Service", "Type", "Class"), (
        _m("ResourceCount", "Maximum", "count", "saturation"),
        _m("CallCount", "Sum", "count", "traffic", ""),
    )),
)  # fmt: skip

BY_KEY: dict[str, Service] = {service.key: service for service in SERVICES}
