"""The trace connectors: Jaeger, Tempo and Zipkin."""
