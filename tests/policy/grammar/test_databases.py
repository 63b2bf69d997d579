"""Of databases' clients, what looks is told from what changes, reveals or is not known."""

from __future__ import annotations

from tests.policy.grammar.judged import READ, SECRETS, UNKNOWN, WRITES, judged

test_commands = judged(
    ("psql -h db -U app -tAc 'select 1'", READ),
    ("psql -l", READ),
    ("psql -c '\\dt'", READ),
    ("psql -c '\\! id'", UNKNOWN),
    ("psql -c 'select 1 \\gexec'", UNKNOWN),
    ("psql -f x.sql", UNKNOWN),
    ("psql", UNKNOWN),
    ("psql -o /tmp/x -c 'select 1'", UNKNOWN),
    ("psql 'host=db passfile=/tmp/x' -c 'select 1'", UNKNOWN),
    ("mysql -h db -e 'SHOW PROCESSLIST'", READ),
    ("mysql -h db -e 'SHOW ENGINE INNODB STATUS\\G'", READ),
    ("mysql -pabc -e 'select 1'", SECRETS),
    ("mysql -e 'system id'", UNKNOWN),
    ("redis-cli -h redis -n 2 ttl cart:1", READ),
    ("redis-cli --bigkeys", READ),
    ("redis-cli config get maxmemory", READ),
    ("redis-cli config get '*'", SECRETS),
    ("redis-cli config set dir /tmp", WRITES),
    ("redis-cli eval 'return 1' 0", WRITES),
    ("redis-cli -a abc ping", SECRETS),
    ("redis-cli", UNKNOWN),
    ("mongosh --eval 'db.orders.find({a: 1}).limit(5)'", READ),
    ("mongosh --eval 'rs.status()'", READ),
    ("mongosh --eval 'db.orders.drop()'", WRITES),
    ("mongosh --eval 'db.orders.find().forEach(x => db.y.insert(x))'", WRITES),
    ("mongosh --eval 'db.orders.aggregate([{$out: 1}])'", UNKNOWN),
    ("mongosh script.js --eval 'rs.status()'", UNKNOWN),
    ("sqlite3 x.db 'select 1'", READ),
    ("sqlite3 x.db .tables", READ),
    ("sqlite3 x.db '.shell id'", UNKNOWN),
)
