"""What may leave: every secret in a text becomes a tag before anybody outside the connectors sees it.

`redactor` does it. What it knows stands by what gives a secret away: `providers` and `services` (formats of tokens),
`vocabulary` and `names` (what it is assigned to), `tokens` (its look), `tables` (the column it is in), `structures`
and `commands` (the notation around it), `encodings`, `numerals` and `pieces` (what hides it), `personal`.
`spans` says what all of them find, `prefilter` where they look at all, `stream` how a text of any length passes.
"""

from chatops.policy.redaction.redactor import RedactionFailed, Redactor

__all__ = ["RedactionFailed", "Redactor"]
