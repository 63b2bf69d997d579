"""What the ways in and the waiting list need of the queue: durable jobs, one at a time for a key."""

from __future__ import annotations

from typing import Protocol


class Queue(Protocol):
    """Durable jobs, one at a time for a key while it waits or runs."""

    async def triage(self, incident_id: str, *, wait: float = 0.0, first: bool = False, hurry: bool = False) -> None:
        """Gather, diagnose and show, in so many seconds.

        `first` says that it is severe or that a person waits; `hurry` brings one forward that waits.
        """
        ...

    async def refresh(self, incident_id: str, *, wait: float = 0.0, first: bool = False) -> None:
        """Show the incident as it is (alerts joined, resolved), without a new diagnosis; or as it is in a while.

        `first` says that a person waits to see what they changed.
        """
        ...

    async def board(self, channel: str) -> None:
        """Show soon what waits for its turn in the channel."""
        ...

    async def answer(self, incident_id: str, turn_id: str) -> None:
        """Answer what a person said."""
        ...

    async def act(self, incident_id: str, action: str, argument: str, user: str) -> None:
        """Do what a button or command asked for and cannot be done at once."""
        ...
