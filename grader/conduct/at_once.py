"""Several clients at the same moment: each acts in a thread of its own, and all are let go by one barrier."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from grader.conduct.acting import Acting


def at_once(names: Sequence[str], act: Callable[[str], bool], acting: Acting) -> bool:
    """Whether all of them came to their end. What breaks in one of them is raised here, when all have ended."""
    barrier = threading.Barrier(len(names))
    ended: list[bool] = []
    problems: list[BaseException] = []

    def alone(name: str) -> None:
        try:
            barrier.wait()
            ended.append(act(name))
        except BaseException as problem:  # noqa: BLE001  whatever it is, it is not the server's fault
            problems.append(problem)
        finally:
            acting.end()

    acting.begin(len(names))
    threads = [threading.Thread(target=alone, args=(n,), name=f"client {n}", daemon=True) for n in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for problem in problems:
        raise problem
    return len(ended) == len(names) and all(ended)
