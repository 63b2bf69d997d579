"""The three gates every text passes: what may leave, what may run, what may be believed.

- What may leave: `redaction`.
- What may run: `commands` and `commands_shell`, by the tables in `grammar`; `purposes` says why one would run it,
  `resources` whether what it names exists, `reach` what a channel may ask about.
- What of others' text is believed: `untrusted` fences it and `shapes` reduces what anybody may fill; `text.letters`
  is what readers make of it, `machines` which names are hidden from a model that must not know them.
- What of an answer is believed: `settling.settle`, with all that `gate` holds; `hypotheses`, `subjects` and `weighing`
  say which causes stand, about what, and how sure. `text` holds its words against what was `observed`: `claims` by the
  sentence (`live` while it streams); `naming`, `plain_names`, `coined` and `listed` find the names in one, by `lexicon`
  and `compounds`; `figures`, `quantities`, `numerals` and `clocks` the numbers and times, `quotations` the quotes,
  `documentation` the links that may stand. `destructive` is what is never shown.
"""
