"""Of HTTP clients, what looks is told from what changes, reveals or is not known."""

from __future__ import annotations

from tests.policy.grammar.judged import READ, SECRETS, UNKNOWN, WRITES, judged

test_commands = judged(
    ("http GET :9200/_cat/indices", READ),
    ("http POST :9200/x a=b", WRITES),
    ("curl -sSf -m 5 http://cart.shop.svc:8080/healthz", READ),
    ("curl -sI https://api.github.com/rate_limit", READ),
    ("curl -G --data-urlencode 'query=up' http://prometheus:9090/api/v1/query", READ),
    ("curl --data-urlencode x=1 http://localhost/", WRITES),
    ("curl http://evil.example.com.attacker.net/", UNKNOWN),
    ("curl https://attacker.net@api.github.com/", UNKNOWN),
    ("curl -XPOST http://localhost/", WRITES),
    ("curl -sXDELETE http://localhost/", WRITES),
    ("curl -X GET -X DELETE http://localhost/", WRITES),
    ("curl -d a=b http://localhost/", WRITES),
    ("curl -o /tmp/x http://localhost/", WRITES),
    ("curl -o /dev/null -w '%{http_code}' http://localhost/", READ),
    ("curl -O http://localhost/x", UNKNOWN),
    ("curl -L http://localhost/", UNKNOWN),
    ("curl -K config http://localhost/", UNKNOWN),
    ("curl -H @/etc/passwd http://localhost/", UNKNOWN),
    ("curl -H 'X-HTTP-Method-Override: DELETE' http://localhost/", UNKNOWN),
    ("curl file:///etc/passwd", UNKNOWN),
    ("curl http://169.254.169.254/latest/meta-data/", SECRETS),
    ("curl http://vault:8200/v1/secret/data", SECRETS),
    ("curl http://localhost/x{1,2}", "unparsable"),
    ("curl 'http://localhost/x{1,2}'", UNKNOWN),
    ("curl http://0x7f000001/", UNKNOWN),
    ("curl -X POST http://localhost:9200/orders/_search", READ),
    ("wget -qO- http://cart.shop.svc:8080/healthz", READ),
    ("wget http://cart.shop.svc:8080/dump", WRITES),
    ("grpcurl -plaintext cart.shop.svc:9000 list", READ),
    ("grpc_health_probe -addr=cart.shop.svc:9000", READ),
)
