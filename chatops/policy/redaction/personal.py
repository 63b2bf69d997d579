"""Which personal data may be taken out too, and how are names replaced so that they can come back?

Optional, where a policy asks for it: e-mail addresses, card numbers (with a valid check digit) and
public IP addresses become tags like secrets. `Placeholders` replace names that the reader must be able
to see again (hosts, customers) before the text goes to a model, and put them back into its answer.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from chatops.policy.redaction.spans import Span

_EMAIL = re.compile(r"(?<![\w.+%-])[\w.+%-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,24}(?![\w-])")
_CARD = re.compile(r"(?<![\w.-])(?:\d[ -]?){12,18}\d(?![\w.-])")
_IPV4 = re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.])")
_IPV6 = re.compile(r"(?<![\w:.])(?:[0-9A-Fa-f]{1,4}:){2,7}(?::|[0-9A-Fa-f]{1,4})(?::?[0-9A-Fa-f]{1,4})*(?![\w:.])")


def emails(text: str) -> Iterator[Span]:
    """E-mail addresses."""
    if "@" in text:
        yield from (Span(found.start(), found.end(), "email") for found in _EMAIL.finditer(text))


def cards(text: str) -> Iterator[Span]:
    """Numbers of payment cards: 13 to 19 digits with a valid check digit, not all of them one digit."""
    for found in _CARD.finditer(text):
        digits = re.sub(r"\D", "", found.group())
        if len(set(digits)) > 1 and digits[0] in "3456" and luhn(digits):
            yield Span(found.start(), found.end(), "card")


def luhn(digits: str) -> bool:
    """Whether the last digit checks the others."""
    doubled = [int(d) * (2 if i % 2 else 1) for i, d in enumerate(reversed(digits))]
    return sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0


def addresses(text: str) -> Iterator[Span]:
    """Public IP addresses; those of private networks, loopback and documentation name nobody."""
    for found in [*_IPV4.finditer(text), *(_IPV6.finditer(text) if "::" in text or text.count(":") > 6 else ())]:
        try:
            address = ipaddress.ip_address(found.group())
        except ValueError:
            continue
        if address.is_global:
            yield Span(found.start(), found.end(), "ip-address")


PERSONAL: tuple[Callable[[str], Iterable[Span]], ...] = (emails, cards, addresses)
"""What `Redactor(personal=…)` takes where personal data must not leave."""


@dataclass
class Placeholders:
    """Names that are replaced on the way out and restored on the way back.

    `names` are the names to hide; `prefix` is the word that stands for them (`name-1`, `name-2`, …). The
    same name always gets the same placeholder; a text that already held a placeholder's form is left as
    it was, because only placeholders that were given out are restored.
    """

    prefix: str = "name"
    _given: dict[str, str] = field(default_factory=dict)

    def hide(self, text: str, names: Iterable[str]) -> str:
        """The text with each of the names replaced, the longest first."""
        for name in sorted({n for n in names if len(n) >= 2}, key=len, reverse=True):
            if name in text:
                text = re.sub(rf"(?<![\w]){re.escape(name)}(?![\w])", self._placeholder(name, text), text)
        return text

    def restore(self, text: str) -> str:
        """The text with the names in place of their placeholders."""
        for placeholder, name in sorted(self._given.items(), key=lambda pair: -len(pair[0])):
            text = re.sub(rf"(?<![\w]){re.escape(placeholder)}(?!\d)", lambda _, name=name: name, text)  # type: ignore[misc]
        return text

    def _placeholder(self, name: str, text: str) -> str:
        known = next((p for p, n in self._given.items() if n == name), None)
        if known:
            return known
        number = len(self._given) + 1
        while f"{self.prefix}-{number}" in text or f"{self.prefix}-{number}" in self._given:
            number += 1
        self._given[f"{self.prefix}-{number}"] = name
        return f"{self.prefix}-{number}"
