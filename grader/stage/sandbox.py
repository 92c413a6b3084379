"""Which rung of the ladder (`rungs`) is used: the best one that works here.

A rung is proven by running it: what a kernel, a distribution and a container allow can't be read off version numbers.
`choose` takes the best rung that works and keeps what the better ones said, for the report: a weaker sandbox is used
loudly, never silently.
"""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass

from grader.errors import HarnessError, UsageError
from grader.stage import bubblewrap
from grader.stage.place import Staging, found, identity
from grader.stage.proof import shortcoming
from grader.stage.rungs import RUNGS, Rung

PROBE_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Choice:
    """The rung in use, and in `why` what each better rung answered when it was tried."""

    rung: Rung
    why: str


def choose(probe: Staging, wanted: str | None = None, least: str | None = None) -> Choice:
    """The best rung that works here, or the one that is `wanted` by name (it must work).

    Raises UsageError if that is less than `least`, and HarnessError if nothing works.
    """
    order = list(RUNGS)
    refusals: list[str] = []
    for name in [wanted] if wanted else order:
        refusal = refused(RUNGS.get(name), probe)
        if refusal is None:
            if least and order.index(name) > order.index(least):
                raise UsageError("sandbox-too-weak", least=least, rung=name, why="; ".join(refusals))
            return Choice(RUNGS.get(name), "; ".join(refusals))
        refusals.append(f"{name}: {refusal}")
    raise HarnessError("no-sandbox", why="; ".join(refusals))


def refused(rung: Rung, probe: Staging) -> str | None:
    """Run the rung; what was said if it does not work here, or does not hold what it promises."""
    if not rung.own_files:
        return shortcoming(rung, probe)  # what Landlock and mounts hold shows only inside
    argv = rung.wrap(probe, ["/bin/true"])
    if not os.path.isabs(found(argv[0])):
        return f"{argv[0]} is not installed"
    with bubblewrap.filtered(argv) as (filtered_argv, descriptors):
        try:
            with subprocess.Popen(
                filtered_argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                pass_fds=descriptors, env={}, executable=found(argv[0]), **identity(probe),  # type: ignore[call-overload]
            ) as process, bubblewrap.ended(process):  # fmt: skip
                said = process.communicate(timeout=PROBE_SECONDS)[1].strip().splitlines()
        except (OSError, subprocess.SubprocessError) as problem:
            return str(problem)
    return None if process.returncode == 0 else said[-1] if said else f"ended with status {process.returncode}"
