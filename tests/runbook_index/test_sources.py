from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from chatops.runbook_index.pages import PageProblem
from chatops.runbook_index.sources import (
    Folder,
    GitRepository,
    SourceProblem,
    from_settings,
    packaged,
    without_credentials,
)


def git(folder: Path, *arguments: str) -> None:
    who = ("-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "init.defaultBranch=main")
    subprocess.run(["git", "-C", str(folder), *who, *arguments], check=True, capture_output=True)


def commit(folder: Path, name: str, text: str) -> None:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text)
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "change")


@pytest.fixture
def upstream(tmp_path: Path) -> Path:
    folder = tmp_path / "upstream"
    folder.mkdir()
    git(folder, "init", "-q")
    commit(folder, "docs/queue.md", "# Queue")
    return folder


def test_a_folder_finds_markdown_and_follows_nothing_outside(tmp_path: Path) -> None:
    (tmp_path / "secret.md").write_text("# Secret")
    root = tmp_path / "pages"
    (root / "sub" / ".git").mkdir(parents=True)
    (root / "a.md").write_text("# A")
    (root / "sub" / "b.markdown").write_text("# B")
    (root / "sub" / ".git" / "c.md").write_text("# C")
    (root / "d.txt").write_text("no page")
    (root / "link.md").symlink_to(tmp_path / "secret.md")

    folder = Folder(root, "mine", "https://wiki/x")

    pages = [folder.page(path) for path in folder.files()]
    assert [(page.slug, page.href) for page in pages] == [
        ("a", "https://wiki/x/a.md"),
        ("sub/b", "https://wiki/x/sub/b.markdown"),
    ]


def test_a_missing_folder_is_empty_and_a_missing_page_a_problem(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "none", "none")
    assert folder.files() == {}
    with pytest.raises(PageProblem, match="cannot be read"):
        folder.page(tmp_path / "none" / "x.md")


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    Folder(tmp_path, "there").update()
    with pytest.raises(SourceProblem, match="none: there is no such folder"):
        Folder(tmp_path / "none", "none").update()


def test_the_packaged_pages_are_there() -> None:
    assert any(path.name == "memory.md" for path in packaged().files())


def test_a_repository_is_cloned_and_followed(tmp_path: Path, upstream: Path) -> None:
    repository = GitRepository(upstream.as_uri(), tmp_path / "clone", folder="docs")
    assert repository.files() == {}
    repository.update()
    assert [repository.page(path).title for path in repository.files()] == ["Queue"]

    commit(upstream, "docs/queue.md", "# Queue, second edition")
    repository.update()
    assert [repository.page(path).title for path in repository.files()] == ["Queue, second edition"]


def test_a_repository_that_is_gone_leaves_the_old_pages(tmp_path: Path, upstream: Path) -> None:
    repository = GitRepository(upstream.as_uri(), tmp_path / "clone")
    repository.update()
    upstream.rename(tmp_path / "moved")
    with pytest.raises(SourceProblem, match="git -C failed|git fetch|failed"):
        repository.update()
    assert len(repository.files()) == 1


def test_a_repository_runs_no_code_of_its_url(tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    with pytest.raises(SourceProblem):
        GitRepository(f"ext::sh -c touch% {mark}", tmp_path / "clone").update()
    with pytest.raises(SourceProblem):
        GitRepository("--upload-pack=touch", tmp_path / "clone").update()
    assert not mark.exists()


def test_git_has_a_time_limit(tmp_path: Path, upstream: Path) -> None:
    with pytest.raises(SourceProblem, match="did not answer within"):
        GitRepository(upstream.as_uri(), tmp_path / "clone", seconds=0.0001).update()


def test_credentials_are_never_shown() -> None:
    url = "https://bot:" + "pass" + "word@git.example.com/team/pages.git"
    assert without_credentials(url) == "https://git.example.com/team/pages.git"
    assert without_credentials("git@github.com:team/pages.git") == "git@github.com:team/pages.git"


def test_links_of_the_forges(tmp_path: Path) -> None:
    for url in ("https://github.com/team/pages.git", "git@github.com:team/pages.git"):
        checkout = tmp_path / "c"
        checkout.mkdir(exist_ok=True)
        (checkout / "a.md").write_text("# A")
        repository = GitRepository(url, checkout, branch="main")
        (path,) = repository.files()
        assert repository.page(path).href == "https://github.com/team/pages/blob/main/a.md"


def test_settings_name_folders_and_repositories(tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    sources = from_settings(
        (str(tmp_path / "own"), "https://git.example.com/team/pages.git#main:docs"), tmp_path / "clones", "https://x"
    )
    assert [type(source).__name__ for source in sources] == ["Folder", "Folder", "GitRepository"]
    repository = sources[2]
    assert isinstance(repository, GitRepository)
    assert (repository.branch, repository.folder) == ("main", "docs")
    assert repository.checkout.parent == tmp_path / "clones"


def test_links_into_a_folder_of_a_repository_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.md").write_text("# A")
    repository = GitRepository("https://git.example.com/team/pages.git", tmp_path, branch="main", folder="docs")
    (path,) = repository.files()
    assert repository.page(path).href == "https://git.example.com/team/pages/docs/a.md"
