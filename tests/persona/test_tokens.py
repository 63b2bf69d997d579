"""The measure: cheap, and for whole texts not low.

The counts are those of the tokenizer that Claude has had since Opus 4.7 (docs/benchmarks.md says how to repeat them).
"""

from __future__ import annotations

import pytest

from chatops.persona.tokens import clip, estimate

COUNTED = [
    ("", 0),
    ("The pod was killed because it exceeded its memory limit.", 18),
    ('{"name": "cart", "namespace": "shop"}', 18),
    ("1234567890", 4),
    ("namespace | name | phase | trouble\nshop | cart-7d9f5c-x2x4z | Pending | waiting: ImagePullBackOff\n", 49),
    ('sum by (pod) (rate(http_requests_total{namespace="shop",code=~"5.."}[5m])) > 0.25', 43),
    ("E3 [kubernetes/events] · Pod shop/cart · since 10:33:29Z · Failed on Pod cart: Back-off restarting", 49),
    ('level=error msg="dial tcp 10.0.12.7:5432: connection refused" trace_id=4bf92f3577b34da6a3ce929d0e0e4736', 56),
    ("GKE, Cloud Run, BigQuery; SOC2, HIPAA, PCI-DSS; HPA, VPA", 43),
    ("(kind, name?, namespace?, container?, previous?: bool, tail?: int)", 28),
    ("- Confidence 0.9 only where the mechanism is seen, below 0.75 where another cause fits as well.", 36),
    ("/api/v1/namespaces/{}/pods/{}/log?container=server&tailLines=100", 32),
]


SCRIPTS = [
    ("チェックアウトが遅く、注文サービスがデータベースに接続できません。", 27),
    ("结账服务响应缓慢，订单服务无法连接数据库。", 23),
    ("결제 서비스가 느리고 주문 서비스가 데이터베이스에 연결하지 못합니다.", 38),
    ("Сервис заказов не отвечает: база данных отклоняет соединения.", 25),
    ("خدمة الطلبات لا تستجيب وقاعدة البيانات ترفض الاتصالات.", 37),
    ("PRODUCT_CATALOG_SERVICE_ADDR=XKCDQWZ1 SETTING_MAXCONNECTIONS", 50),
]


@pytest.mark.parametrize(("text", "counted"), SCRIPTS)
def test_other_scripts_and_long_capitals_are_not_measured_too_low_nor_many_times_too_high(
    text: str, counted: int
) -> None:
    assert counted * 0.95 <= estimate(text) <= counted * 3.5


@pytest.mark.parametrize(("text", "counted"), COUNTED)
def test_a_single_line_is_about_right(text: str, counted: int) -> None:
    assert counted * 0.8 <= estimate(text) <= counted * 1.35 + 1


def test_a_whole_text_is_not_measured_too_low() -> None:
    counted = sum(count for _, count in COUNTED)
    assert counted <= sum(estimate(text) for text, _ in COUNTED) <= counted * 1.15


def test_what_is_clipped_says_how_much() -> None:
    assert clip("short", 10) == "short"
    clipped = clip("a" * 500 + "z" * 500, 100)
    assert len(clipped) <= 110
    assert clipped.startswith("aaa")
    assert clipped.endswith("zzz")
    assert "[924 characters]" in clipped
