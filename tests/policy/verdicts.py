"""Write what is said of the listed commands: `python -m tests.policy.verdicts`. Read the difference before a commit.

The golden file is the list as well: a command that is added to it as a line of its own gets its verdict and reason.
Besides it has the calls at the corners of the tables, each flag and each missing word, and every known way around.
"""

from __future__ import annotations

from pathlib import Path

from chatops.policy.commands import judge_line

HERE = Path(__file__).parent
GOLDEN = HERE / "verdicts.tsv"


def listed() -> list[str]:
    """The commands of the golden file and those of `bypasses.txt`, each once."""
    own = [line.split("\t")[-1] for line in GOLDEN.read_text("utf-8").splitlines()]
    around = [line for line in (HERE / "bypasses.txt").read_text("utf-8").splitlines() if line[:2] not in ("", "# ")]
    return list(dict.fromkeys((*own, *around)))


def said(command: str) -> str:
    """One line of the golden file."""
    judged = judge_line(command)
    return f"{judged.verdict}\t{judged.reason}\t{command}"


if __name__ == "__main__":
    GOLDEN.write_text("".join(said(command) + "\n" for command in listed()), "utf-8")
