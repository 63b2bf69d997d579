"""Which page says what to do? Markdown runbooks, found by link, by alert or cause, and by their words.

`pages` reads them, `sources` knows where they come from, `terms` which words count, `index` scores,
`library` answers (`RunbookLibrary` of the domain), `lint` checks them, `draft` writes a first one from a
resolved incident, `coverage` writes docs/coverage.md.
"""

from chatops.runbook_index.library import Library, Stats
from chatops.runbook_index.sources import Folder, GitRepository, from_settings, packaged

__all__ = ["Folder", "GitRepository", "Library", "Stats", "from_settings", "packaged"]
