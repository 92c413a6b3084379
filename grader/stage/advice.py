"""How to get a better sandbox: what a rung's refusal means on this machine, and what helps.

The messages are those that bubblewrap, unshare and the kernel give where something stands in the way: Ubuntu's AppArmor
rule, a container's system call filter, a switch of the kernel, an old version. The same words may have several reasons;
which one it is follows from what the machine says about itself (`Machine`). Advice is a list of words with sentences.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Machine:
    """What decides which advice helps."""

    container: bool = False
    github: bool = False
    apparmor: bool = False
    """Whether AppArmor lets only programs with a profile make user namespaces (Ubuntu since 23.10)."""
    userns_off: bool = False
    userns_for_root: bool = False
    """Debian's own switch: user namespaces for root alone."""
    root: bool = False


Applies = Callable[[Machine], bool]


def _always(machine: Machine) -> bool:
    return True


NAMESPACES_REFUSED = (
    r"No permissions to create new namespace|[Cc]reating new namespace failed|unshare failed|setting up uid map"
    r"|write failed /proc/self/uid_map|RTM_NEWADDR|[Cc]an't mount proc|mount .*not permitted|Failed to make / slave"
)
KNOWN: tuple[tuple[str, Applies, tuple[str, ...]], ...] = (
    (r"^bwrap is not installed", _always, ("install-bubblewrap",)),
    (r"^unshare is not installed", _always, ("install-unshare",)),
    (r"[Uu]nknown option", _always, ("newer-bubblewrap",)),
    (r"ENOSPC|No space left on device|exceeded", _always, ("userns-off",)),
    (NAMESPACES_REFUSED, lambda m: m.github and not m.container, ("github",)),
    (NAMESPACES_REFUSED, lambda m: m.container, ("docker",)),
    (NAMESPACES_REFUSED, lambda m: m.userns_off, ("userns-off",)),
    (NAMESPACES_REFUSED, lambda m: m.userns_for_root, ("userns-debian",)),
    (NAMESPACES_REFUSED, lambda m: m.apparmor, ("ubuntu-profile", "ubuntu-switch")),
    (r"setting up uid map: Permission denied|RTM_NEWADDR", _always, ("ubuntu-profile", "ubuntu-switch")),
    (r"landlock: .*not permitted", lambda m: m.container, ("docker",)),
    (r"landlock: ", _always, ("newer-kernel",)),
)


def advice(refusal: str, machine: Machine) -> tuple[str, ...]:
    """What helps against a refusal."""
    for pattern, applies, words in KNOWN:
        if re.search(pattern, refusal) and applies(machine):
            return words
    return ("ask",)


def this_machine(environment: Mapping[str, str] = os.environ, root: Path = Path("/")) -> Machine:
    """What this machine says about itself."""
    return Machine(
        container=any((root / mark).exists() for mark in (".dockerenv", "run/.containerenv"))
        or bool(environment.get("container")),
        github=environment.get("GITHUB_ACTIONS") == "true",
        apparmor=_number(root / "proc/sys/kernel/apparmor_restrict_unprivileged_userns") == 1,
        userns_off=_number(root / "proc/sys/user/max_user_namespaces") == 0,
        userns_for_root=_number(root / "proc/sys/kernel/unprivileged_userns_clone") == 0,
        root=os.geteuid() == 0,
    )


def _number(path: Path) -> int | None:
    try:
        return int(path.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None
