"""Write what is said of the listed commands: `python -m tests.policy.verdicts`. Read the difference before a commit."""

from __future__ import annotations

from pathlib import Path

from chatops.policy.commands import judge_line

HERE = Path(__file__).parent
GOLDEN = HERE / "verdicts.tsv"
LISTS = ("corners.txt", "bypasses.txt")


def listed() -> list[str]:
    """The commands of the lists, each once."""
    texts = [(HERE / name).read_text("utf-8").splitlines() for name in LISTS]
    return list(dict.fromkeys(line for lines in texts for line in lines if line and not line.startswith("# ")))


def said(command: str) -> str:
    """One line of the golden file."""
    judged = judge_line(command)
    return f"{judged.verdict}\t{judged.reason}\t{command}"


if __name__ == "__main__":
    GOLDEN.write_text("".join(said(command) + "\n" for command in listed()), "utf-8")
