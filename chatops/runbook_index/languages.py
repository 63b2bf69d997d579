"""How do people say a fault who do not write English: which of their words are the field's, which say nothing?

Pages and questions are read alike, so that a library in another language is found by its own words too. Accents are
taken off (`expiré`, `lässt`); of Japanese, which has no spaces, the field's terms are taken as the English ones.
"""

from __future__ import annotations

import re
import unicodedata

_FOREIGN = re.compile("[\u00c0-\u024f\u3040-\u30ff\u4e00-\u9fff]")
_MARKS = re.compile("[\u0300-\u036f]")

STOP_WORDS = frozenset(
    """
    ab aber alle allen auch bei bleiben bleibt dann das dass dauernd dem den der des diese dieser dieses doch ein
    eine einem einen einer einfach es etwas fuer fur geht gestern gibt hat heute hier ich immer ist jede jeder jetzt
    kann kein keine kommt lasst laufen lauft lief liefert machen macht mehr mein meine meinen mit nach nacht niemand
    noch nur oder sehr seit sich sie sind soll standig und uns unser unsere unserer vom von wann warum wenn wer
    werden wie wieder wir wird wo wurde wurden zu zum zur
    alors apres au aux aujourd avant avec ce ces cette chez comme dans de depuis du elle est et hier il je la le les
    leur mais ne nous ou par pas pour pourquoi quand que qui quoi restent reste se ses soir sont sur toujours tout
    tous tres un une vous
    """.split()  # noqa: SIM905 - a list of words is read as prose
)
"""German and French words that say nothing about a fault and that English, or the field, does not have."""

_JAPANESE = {
    "証明書": "certificate", "期限切れ": "expired", "メモリ": "memory", "ディスク": "disk",
    "容量不足": "no space left", "接続できない": "cannot connect", "接続拒否": "connection refused",
    "タイムアウト": "timeout", "遅い": "slow", "ノード": "node", "ポッド": "pod", "再起動": "restarting",
    "クラッシュ": "crash", "落ちる": "crash", "エラー": "error", "権限": "permission", "拒否": "denied",
    "名前解決": "name resolution", "引けない": "cannot resolve", "ネットワーク": "network",
    "データベース": "database", "デプロイ": "deploy", "失敗": "failed", "障害": "outage", "キュー": "queue",
    "ログ": "log", "イメージ": "image", "ボリューム": "volume", "マウント": "mount", "コスト": "cost",
    "請求": "billing", "急増": "spike", "ログイン": "login", "ブロック": "blocked", "負荷": "load",
    "上限": "limit",
}  # fmt: skip
_TERMS = re.compile("|".join(sorted(map(re.escape, _JAPANESE), key=len, reverse=True)))


def plain(text: str) -> str:
    """The text without accents, and with what Japanese terms mean; any other text as it is."""
    if text.isascii() or not _FOREIGN.search(text):
        return text
    told = _TERMS.sub(lambda term: f" {_JAPANESE[term[0]]} ", text)
    return _MARKS.sub("", unicodedata.normalize("NFKD", told.replace("ß", "ss")))
