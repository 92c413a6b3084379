"""An act that could not be done: raised by whoever tried, told by the conductor, judged by nobody here."""

from __future__ import annotations

from grader.conduct.waiting import Waited


class GivenUp(Exception):
    """An act could not be done: `note` says why in a finding's code, `waited` how that became known."""

    def __init__(self, who: str, note: str, waited: Waited) -> None:
        super().__init__(note)
        self.who = who
        self.note = note
        self.waited = waited
