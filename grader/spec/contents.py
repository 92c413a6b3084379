"""What a check says, as a digest: two specs whose digests of a check are equal ask the same of a server there.

A spec is corrected while it is in use: one check is reworded, another is added. Grades of the checks that stayed as they
were still hold. So each check has a digest of its own, over everything that its outcome and its page depend on: its own
lines, and what all checks share (how servers are started, the protocol, the dialect, the laws). Where in a file something
stands does not count.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import replace

from grader.model import Spec

_PLACE = re.compile(r"Place\(path=(?:'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"), line=\d+, column=\d+\)")


def contents(spec: Spec) -> Mapping[str, str]:
    """The digest of each check, by its id."""
    shared = replace(
        spec, checks=(), proof=(), reference_folder="", path="", digest="", title={}, carried=frozenset(), groups=(), manual=(),
        milestones=(),
    )  # fmt: skip
    common = f"{_plain(shared)} {sorted(spec.carried)}"
    return {check.id: _digest(f"{common} {_plain(check)}") for check in spec.checks}


def _plain(value: object) -> str:
    return _PLACE.sub("-", repr(value))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
