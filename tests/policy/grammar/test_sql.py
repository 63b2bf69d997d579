"""A statement is a read only where every dialect would read it so."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatops.policy.grammar.sql import judge_sql, looks_like_sql

READS = (
    "SELECT 1",
    "select count(*) from orders where state = 'open'",
    'SELECT * FROM "Users" u JOIN x ON u.id = x.id ORDER BY 1 LIMIT 5;',
    "WITH t AS (SELECT 1 AS a) SELECT a FROM t",
    "EXPLAIN ANALYZE SELECT * FROM orders",
    "SHOW PROCESSLIST",
    "SHOW CREATE TABLE orders",
    "DESCRIBE orders",
    "(SELECT 1) UNION ALL (SELECT 2)",
    "SELECT pg_size_pretty(pg_database_size(current_database()))",
    "SELECT a FROM x WHERE b IN (1, 2) AND NOT EXISTS (SELECT 1 FROM y) GROUP BY a HAVING count(*) > 1",
    "SELECT rank() OVER (PARTITION BY a ORDER BY b), coalesce(c, 0)::numeric(10, 2) FROM x",
    "SELECT 1 /* a comment */ -- and another\n",
    "VALUES (1, 2)",
    "PRAGMA table_info(orders)",
    "SELECT pid, state, left(query, 80) FROM pg_stat_activity WHERE wait_event IS NOT NULL",
    "SELECT 'drop table x; delete'",
    "SELECT replace(name, 'a', 'b') FROM x",
    "SHOW ENGINE INNODB STATUS; SHOW SLAVE STATUS",
)

NO_READS = (
    "INSERT INTO x VALUES (1)",
    "UPDATE x SET a = 1",
    "DELETE FROM x WHERE id = 1",
    "DROP TABLE x",
    "TRUNCATE x",
    "ALTER TABLE x ADD y int",
    "GRANT ALL ON x TO y",
    "SELECT 1; DROP TABLE x",
    "WITH t AS (DELETE FROM x RETURNING *) SELECT * FROM t",
    "SELECT * INTO y FROM x",
    "SELECT * FROM x INTO OUTFILE '/tmp/x'",
    "SELECT * FROM x FOR UPDATE",
    "SELECT * FROM x FOR NO KEY UPDATE",
    "COPY x TO PROGRAM 'sh'",
    "COPY x FROM '/etc/passwd'",
    "SELECT pg_terminate_backend(1)",
    'SELECT "pg_terminate_backend"(1)',
    "SELECT PG_READ_FILE('/etc/passwd')",
    "SELECT pg_sleep(100)",
    "SELECT my_own_function(1)",
    'SELECT "count_and_delete"(1)',
    "SELECT public.purge()",
    "SELECT pg_stat_reset()",
    "SELECT json_populate(lo_unlink(1))",
    "SELECT lo_export(1, '/tmp/x')",
    "SELECT nextval('s')",
    "SELECT set_config('a', 'b', false)",
    "SELECT load_file('/etc/passwd')",
    "SELECT sleep(5)",
    "SELECT benchmark(1, 2)",
    "SELECT get_lock('a', 1)",
    "CALL x()",
    "EXEC xp_cmdshell 'id'",
    "DO $$ BEGIN END $$",
    "SET GLOBAL x = 1",
    "EXPLAIN ANALYZE DELETE FROM x",
    "LOCK TABLE x",
    "VACUUM FULL",
    "ANALYZE x",
    "KILL 1",
    "PRAGMA writable_schema = 1",
    "SELECT @a := 1",
    "SELECT 'a\\'; DROP TABLE x; --'",
    'SELECT "a\\"; DROP TABLE x',
    "SELECT 1 # x\n; DROP TABLE x",
    "SELECT 5--sleep(10)",
    "SELECT $$ ; DROP TABLE x; $$",
    "SELECT /*! 1 INTO OUTFILE 'x' */",
    "SELECT 1 /*+ hint */",
    "SELECT 'open",
    "SELECT * FROM x; /* ; */ DELETE FROM y",
    "SELECT dblink_exec('x', 'drop table y')",
    "SELECT rolpassword FROM pg_authid",
    "",
    "HANDLER x OPEN",
    "ATTACH DATABASE '/tmp/x' AS y",
    "SELECT load_extension('x')",
    "REFRESH MATERIALIZED VIEW x",
    "frobnicate",
    "SELECT authentication_string FROM mysql.user",
    "SELECT query_to_xml('drop table x', true, true, '')",
)


@pytest.mark.parametrize("statement", READS)
def test_a_reading_statement(statement: str) -> None:
    judged = judge_sql(statement)
    assert judged.verdict == "read-only", judged.reason


@pytest.mark.parametrize("statement", NO_READS)
def test_no_reading_statement(statement: str) -> None:
    assert judge_sql(statement).verdict != "read-only"


@given(st.sampled_from(READS), st.sampled_from([s for s in NO_READS if s and s[0].isupper() and "'open" not in s]))
@settings(max_examples=100, deadline=None)
def test_a_read_before_or_behind_makes_no_read(first: str, second: str) -> None:
    assert judge_sql(f"{first};\n{second}").verdict != "read-only"
    assert judge_sql(f"{second};\n{first}").verdict != "read-only"


@given(st.text(max_size=100))
@settings(max_examples=150, deadline=None)
def test_any_text_is_judged(text: str) -> None:
    judge_sql(text)
    looks_like_sql(text)


def test_a_line_is_a_statement_only_where_it_can_be_no_command() -> None:
    assert looks_like_sql("select * from orders")
    assert looks_like_sql("DELETE FROM orders")
    assert not looks_like_sql("kubectl get pods")
    assert not looks_like_sql("show")
    assert not looks_like_sql("update-alternatives --list x")
