"""Where do runbooks come from, and what has changed there since the last look?

Folders (the packaged one, the user's) and git repositories, which are cloned next to the application's
data and only ever read. A look costs one `stat` per page; pages are read again when they changed.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import quote, urlsplit, urlunsplit

import chatops
from chatops.runbook_index.pages import Page, PageProblem, read_page

PACKAGED = "chatops"
"""The name of the source that comes with the application."""
MAX_BYTES = 1_000_000
"""Larger files are no runbooks."""
GIT_SECONDS = 60.0

_GIT_URL = re.compile(r"^(https?|ssh|git|file)://|^[\w.-]+@[\w.-]+:|\.git/?$")
_SKIPPED = frozenset({".git", "node_modules", ".venv", "__pycache__"})


class SourceProblem(Exception):
    """A source cannot be read or brought up to date: which, and the full message."""

    def __init__(self, source: str, detail: str) -> None:
        super().__init__(f"{source}: {detail}")
        self.source = source
        self.detail = detail


@dataclass(frozen=True)
class Stamp:
    """What tells that a file is as it was."""

    modified: int
    size: int


class Source(Protocol):
    """A place with pages."""

    @property
    def name(self) -> str:
        """What people call it."""
        ...

    def files(self) -> Mapping[Path, Stamp]:
        """The pages that are there now."""
        ...

    def page(self, path: Path) -> Page:
        """Read one; raises `PageProblem`."""
        ...

    def update(self) -> None:
        """Bring it up to date where it comes from elsewhere; raises `SourceProblem`."""
        ...


@dataclass(frozen=True)
class Folder:
    """Markdown files below a folder. `base_url` is where people read them; without it links are paths."""

    root: Path
    name: str
    base_url: str = ""
    prefix: str = ""
    """What stands before the path in a link where there is no base URL."""

    def files(self) -> Mapping[Path, Stamp]:
        """The pages that are there now; links that lead out of the folder are not followed."""
        root = self.root.resolve()
        found: dict[Path, Stamp] = {}
        for entry in _markdown(root):
            stat = entry.stat()
            inside = not entry.is_symlink() or Path(entry.path).resolve().is_relative_to(root)
            if stat.st_size <= MAX_BYTES and inside:
                found[Path(entry.path)] = Stamp(stat.st_mtime_ns, stat.st_size)
        return found

    def page(self, path: Path) -> Page:
        """Read one; raises `PageProblem`."""
        slug = path.relative_to(self.root.resolve()).with_suffix("").as_posix()
        try:
            text = path.read_text(encoding="utf-8", errors="replace")
        except OSError as error:
            raise PageProblem(slug, f"cannot be read: {error}") from error
        return read_page(text, slug, self._href(f"{slug}{path.suffix}"), self.name)

    def _href(self, relative: str) -> str:
        return f"{self.base_url}/{quote(relative)}" if self.base_url else f"{self.prefix}{relative}"

    def update(self) -> None:
        """Nothing to bring; raises `SourceProblem` where there is no such folder."""
        if not self.root.is_dir():
            raise SourceProblem(self.name, "there is no such folder")


def _markdown(root: str | Path) -> Iterator[os.DirEntry[str]]:
    """The pages below a folder, a folder's own before those of the folders in it; links to folders are not followed."""
    try:
        with os.scandir(root) as found:
            entries = sorted(found, key=lambda entry: entry.name)
    except OSError:  # none, or none of ours to read: `update` says so
        return
    yield from (one for one in entries if one.name.endswith((".md", ".markdown")) and one.is_file())
    for folder in entries:
        if folder.is_dir(follow_symlinks=False) and folder.name not in _SKIPPED:
            yield from _markdown(folder.path)


@dataclass(frozen=True)
class GitRepository:
    """A repository, cloned shallow into `checkout` and followed on one branch (its default where none is named)."""

    url: str
    checkout: Path
    branch: str = ""
    folder: str = ""
    base_url: str = ""
    seconds: float = GIT_SECONDS

    @property
    def name(self) -> str:
        """The address without credentials."""
        return without_credentials(self.url)

    @property
    def _pages(self) -> Folder:
        return Folder(self.checkout / self.folder, self.name, self.base_url or self._web())

    def _web(self) -> str:
        match = re.match(r"(?:https?://|ssh://)?(?:[^@/]+@)?(github\.com|gitlab\.com)[:/](.+?)(?:\.git)?/?$", self.url)
        below = f"/{self.folder.strip('/')}" if self.folder else ""
        if match is None:
            return f"{self.name.removesuffix('.git')}{below}"
        tree = "blob" if match[1] == "github.com" else "-/blob"
        return f"https://{match[1]}/{match[2]}/{tree}/{self.branch or 'HEAD'}{below}"

    def files(self) -> Mapping[Path, Stamp]:
        """The pages of the clone; none before the first `update`."""
        return self._pages.files() if self.checkout.is_dir() else {}

    def page(self, path: Path) -> Page:
        """Read one; raises `PageProblem`."""
        return self._pages.page(path)

    def update(self) -> None:
        """Clone, or fetch and check out what came; raises `SourceProblem` and leaves the old state readable."""
        if not (self.checkout / ".git").is_dir():
            self.checkout.parent.mkdir(parents=True, exist_ok=True)
            branch = ("--branch", self.branch) if self.branch else ()
            self._git("clone", "--quiet", "--depth", "1", *branch, "--", self.url, str(self.checkout))
            return
        self._git("-C", str(self.checkout), "fetch", "--quiet", "--depth", "1", "origin", self.branch or "HEAD")
        self._git("-C", str(self.checkout), "checkout", "--quiet", "--force", "--detach", "FETCH_HEAD")

    def _git(self, *arguments: str) -> None:
        # Content from elsewhere must not run anything: no hooks, no external transports, no questions.
        safe = ("-c", "core.hooksPath=/dev/null", "-c", "protocol.ext.allow=never", "-c", "core.symlinks=false")
        environment = {**os.environ, "GIT_TERMINAL_PROMPT": "0", "GIT_CONFIG_NOSYSTEM": "1"}
        try:
            done = subprocess.run(  # noqa: S603 - a fixed program, its arguments as a list
                ["git", *safe, *arguments],  # noqa: S607 - git is found where the user has it
                capture_output=True, text=True, timeout=self.seconds, env=environment, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired as error:
            raise SourceProblem(self.name, f"git did not answer within {self.seconds:g} s") from error
        except OSError as error:
            raise SourceProblem(self.name, f"git cannot be started: {error}") from error
        if done.returncode:
            message = done.stderr.replace(self.url, self.name).strip()
            raise SourceProblem(self.name, f"git {arguments[0]} failed: {message}")


def without_credentials(url: str) -> str:
    """The URL as it may be shown."""
    parts = urlsplit(url)
    if not parts.hostname or "@" not in parts.netloc:
        return url
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def packaged(base_url: str = "") -> Folder:
    """The runbooks that come with the application: a folder beside the package, in a checkout and in a wheel."""
    return Folder(Path(chatops.__file__).resolve().parent.parent / "runbooks", PACKAGED, base_url, "runbooks/")


def from_settings(entries: Sequence[str], checkouts: Path, base_url: str = "") -> tuple[Source, ...]:
    """The packaged pages and the user's own: folders, or git addresses (`url#branch:folder`)."""
    return (packaged(base_url), *(_source(entry, checkouts) for entry in entries))


def _source(entry: str, checkouts: Path) -> Source:
    url, _, rest = entry.partition("#")
    if not _GIT_URL.search(url) or Path(entry).is_dir():
        return Folder(Path(entry), entry)
    branch, _, folder = rest.partition(":")
    name = re.sub(r"[^A-Za-z0-9]+", "-", without_credentials(url)).strip("-")
    return GitRepository(url, checkouts / f"{name}-{branch or 'HEAD'}".replace("/", "-"), branch, folder)
