"""Which metrics tell how queues, streams, topics, rules and workflows do? Rows of `services` about what is passed on.

What waits in them is a consumer's matter, what they refuse is their own; so both are read of each.
"""

from __future__ import annotations

from connectors.cloudwatch.measures import Metric, Service

_m = Metric

MESSAGING: tuple[Service, ...] = (
    Service("sqs", "AWS/SQS", "Queue", ("QueueName",), (
        _m("ApproximateNumberOfMessagesVisible", "Maximum", "count", "saturation"),
        _m("ApproximateAgeOfOldestMessage", "Maximum", "s", "saturation"),
        _m("ApproximateNumberOfMessagesNotVisible", "Maximum", "count", "saturation"),
        _m("NumberOfMessagesSent", "Sum", "count", "traffic", ""),
        _m("NumberOfMessagesReceived", "Sum", "count", "traffic", ""),
        _m("NumberOfMessagesDeleted", "Sum", "count", "traffic", ""),
    ), ("queue_name", "sqs_queue", "queue"), telltale="NumberOfMessagesSent"),
    Service("kinesis", "AWS/Kinesis", "Stream", ("StreamName",), (
        _m("IncomingRecords", "Sum", "count", "traffic", ""),
        _m("IncomingBytes", "Sum", "B", "traffic", ""),
        _m("WriteProvisionedThroughputExceeded", "Sum", "count", "errors"),
        _m("ReadProvisionedThroughputExceeded", "Sum", "count", "errors"),
        _m("GetRecords.IteratorAgeMilliseconds", "Maximum", "ms", "saturation"),
    ), ("stream_name", "kinesis_stream"), telltale="IncomingRecords"),
    Service("firehose", "AWS/Firehose", "DeliveryStream", ("DeliveryStreamName",), (
        _m("IncomingRecords", "Sum", "count", "traffic", ""),
        _m("ThrottledRecords", "Sum", "count", "errors"),
        _m("DeliveryToS3.DataFreshness", "Maximum", "s", "saturation"),
        _m("DeliveryToS3.Success", "Average", "", "state", "down"),
    ), ("delivery_stream_name",)),
    Service("msk", "AWS/Kafka", "KafkaCluster", ("Cluster Name",), (
        _m("OfflinePartitionsCount", "Maximum", "count", "state"),
        _m("ActiveControllerCount", "Maximum", "count", "state", "down"),
    ), ("kafka_cluster", "msk_cluster"), telltale="ActiveControllerCount"),
    Service("msk_broker", "AWS/Kafka", "Broker", ("Broker ID", "Cluster Name"), (
        _m("KafkaDataLogsDiskUsed", "Maximum", "%", "saturation"),
        _m("UnderReplicatedPartitions", "Maximum", "count", "state"),
        _m("UnderMinIsrPartitionCount", "Maximum", "count", "state"),
        _m("CpuUser", "Average", "%", "saturation"),
        _m("BytesInPerSec", "Average", "B/s", "traffic", ""),
    )),
    Service("msk_lag", "AWS/Kafka", "ConsumerGroup", ("Consumer Group", "Topic", "Cluster Name"), (
        _m("SumOffsetLag", "Maximum", "count", "saturation"),
        _m("EstimatedMaxTimeLag", "Maximum", "s", "saturation"),
    )),
    Service("mq", "AWS/AmazonMQ", "MessageBroker", ("Broker",), (
        _m("CpuUtilization", "Average", "%", "saturation"),
        _m("SystemCpuUtilization", "Average", "%", "saturation"),
        _m("HeapUsage", "Maximum", "%", "saturation"),
        _m("StorePercentUsage", "Maximum", "%", "saturation"),
        _m("RabbitMQMemUsed", "Maximum", "B", "saturation"),
        _m("RabbitMQMemLimit", "Minimum", "B", "state", ""),
        _m("RabbitMQDiskFree", "Minimum", "B", "saturation", "down"),
        _m("RabbitMQDiskFreeLimit", "Maximum", "B", "state", ""),
        _m("MessageCount", "Maximum", "count", "saturation"),
        _m("TotalMessageCount", "Maximum", "count", "saturation"),
        _m("ConsumerCount", "Minimum", "count", "traffic", ""),
        _m("TotalConsumerCount", "Minimum", "count", "traffic", ""),
    ), ("mq_broker", "broker_name")),
    Service("sns", "AWS/SNS", "Topic", ("TopicName",), (
        _m("NumberOfMessagesPublished", "Sum", "count", "traffic", ""),
        _m("NumberOfNotificationsDelivered", "Sum", "count", "traffic", ""),
        _m("NumberOfNotificationsFailed", "Sum", "count", "errors"),
        _m("NumberOfNotificationsFailedToRedriveToDlq", "Sum", "count", "errors"),
    ), ("topic_name", "sns_topic"), telltale="NumberOfMessagesPublished"),
    Service("events", "AWS/Events", "EventRule", ("RuleName",), (
        _m("TriggeredRules", "Sum", "count", "traffic", ""),
        _m("Invocations", "Sum", "count", "traffic", ""),
        _m("FailedInvocations", "Sum", "count", "errors"),
        _m("ThrottledRules", "Sum", "count", "errors"),
    ), ("rule_name", "eventbridge_rule")),
    Service("states", "AWS/States", "StateMachine", ("StateMachineArn",), (
        _m("ExecutionsStarted", "Sum", "count", "traffic", ""),
        _m("ExecutionsFailed", "Sum", "count", "errors"),
        _m("ExecutionsTimedOut", "Sum", "count", "errors"),
        _m("ExecutionThrottled", "Sum", "count", "errors"),
        _m("ExecutionTime", "p99", "ms", "latency"),
    ), ("state_machine_arn",), telltale="ExecutionsStarted"),
)  # fmt: skip
