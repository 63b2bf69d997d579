"""The Elasticsearch connector, for OpenSearch too."""
