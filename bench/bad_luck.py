"""Bad luck for the threads of the grader, and for the processes that it watches: delays in the places where they hurt.

A race is a place where a thread is rarely late, and where it matters if it is. Luck hides it: a benchmark of thousands of
checks meets it once. So whoever looks for races makes every place unlucky in its turn:

- `lines`: at any line of the grader, with a small probability, the thread is held for 2 to 12 ms, now and then for 300 ms.
- `places`: twelve lines of the grader are drawn for each check, half of them from those that not only the thread passes which
  performs the check, and whoever comes to them is held there for a while, up to five times. This is what finds most: a line
  that is passed once in a check is held up as often as one in a loop.
- `stops`: a process of the sandbox, agent and servers alike, is stopped by a signal for a moment, and goes on. Who is stopped
  is slow and not faulty.
- `servers`: servers in Python dawdle: at any line one of their threads keeps a processor busy for a moment. (They don't sleep:
  a sleep with a limit is waited for, where a thread that is only slow is what has to be found.)

A held thread waits on an event that nobody sets, so it has no turn and holds no lock of Python's own. Everything is drawn from
one seed. Threads have an order of their own, so a seed tells what is tried, not what comes of it: repeat it a few times.
"""

import contextlib
import os
import random
import signal
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import grader

ROOMS = tuple(str(Path(grader.__file__).parent / room) for room in ("conduct", "clients", "stage", "judge"))
KINDS = ("lines", "places", "stops", "servers")
OFTEN, RARELY, SHORT, LONG = 0.0006, 0.01, (0.002, 0.012), 0.3
PLACES, AT_ONE_PLACE, MOST_HELD = 6, 5, 0.7
"""How many lines of each half are unlucky in one check, how often at most, and for how many seconds together."""
STOP_EVERY, STOP = (0.005, 0.08), (0.001, 0.05)
DAWDLE = """
import random, sys, threading, time
draw = random.Random({seed})
def linger(frame, event, _):
    if event == "line" and draw.random() < 0.004:
        until = time.monotonic() + draw.uniform(0.001, 0.02)
        while time.monotonic() < until:
            pass
    return linger
def enter(frame, event, _):
    return linger if frame.f_globals.get("__name__") == "__main__" else None
threading.settrace(enter)
sys.settrace(enter)
sys._getframe(1).f_trace = None
for frame in filter(None, [sys._getframe().f_back]):
    while frame is not None:
        if frame.f_globals.get("__name__") == "__main__":
            frame.f_trace = linger
        frame = frame.f_back
"""


def dawdling(source, seed):
    """The source of a server in Python that dawdles; as it was, if nothing can be put before it."""
    return source if "from __future__" in source else f"exec({DAWDLE.format(seed=seed)!r})\n{source}"


class BadLuck:
    """Unlucky from `__enter__` to `__exit__`; `deal` draws anew. `held` says where threads were held since then."""

    def __init__(self, kinds, seed):
        self.held = Counter()
        self._kinds = frozenset(kinds)
        self._draw = random.Random(seed)
        self._known = set()
        self._of_others = set()
        self._places = frozenset()
        self._only = ""
        self._left = 0.0
        self._main = threading.current_thread()
        self._never = threading.Event()
        self._over = threading.Event()
        self._stopper = threading.Thread(target=self._stop_processes, name="bad luck", daemon=True)

    def deal(self, seed):
        """New places, drawn from this seed and from all lines that were ever passed."""
        self._draw = random.Random(seed)
        self.held.clear()
        self._left = MOST_HELD
        halves = (sorted(self._known.copy()), sorted(self._of_others.copy())) if "places" in self._kinds else ()
        self._places = frozenset(one for half in halves for one in self._draw.sample(half, min(PLACES, len(half))))
        self._calm = "lines" not in self._kinds or (bool(self._places) and self._draw.random() < 0.5)

    def __enter__(self):
        self._interval = sys.getswitchinterval()
        sys.setswitchinterval(1e-6)
        self.deal(self._draw.random())
        threading.settrace(self._entered)
        sys.settrace(self._entered)
        if "stops" in self._kinds:
            self._stopper.start()
        return self

    def __exit__(self, *_):
        sys.settrace(None)
        threading.settrace(None)
        sys.setswitchinterval(self._interval)
        self._over.set()
        if self._stopper.is_alive():
            self._stopper.join()

    def _entered(self, frame, _event, _):
        return self._passed if frame.f_code.co_filename.startswith(ROOMS) else None

    def _passed(self, frame, event, _):
        if event == "line":
            place = (frame.f_code.co_filename, frame.f_lineno)
            self._known.add(place)
            if threading.current_thread() is not self._main:
                self._of_others.add(place)
            if self._left > 0:
                self._maybe_hold(place)
        return self._passed

    def _maybe_hold(self, place):
        if place in self._places:
            if self.held[place] < AT_ONE_PLACE and self._draw.random() < 0.7:
                self._hold(place)
        elif not self._calm and self._draw.random() < OFTEN:
            self._hold(place)

    def _hold(self, place):
        seconds = LONG if self._draw.random() < RARELY else self._draw.uniform(*SHORT)
        self._left -= seconds
        self.held[place] += 1
        self._never.wait(seconds)

    def where(self):
        """The places where threads were held since the last deal, the most frequent first."""
        return ", ".join(f"{Path(f).parent.name}/{Path(f).name}:{n} x{k}" for (f, n), k in self.held.most_common(12))

    def _stop_processes(self):
        draw = random.Random(self._draw.random())
        while not self._over.wait(draw.uniform(*STOP_EVERY)):
            below = _below(os.getpid())
            if below:
                self._stop(draw.choice(below), draw.uniform(*STOP))

    def _stop(self, pid, seconds):
        with contextlib.suppress(OSError):
            descriptor = os.pidfd_open(pid)
            try:
                signal.pidfd_send_signal(descriptor, signal.SIGSTOP)
                self._over.wait(seconds)
                signal.pidfd_send_signal(descriptor, signal.SIGCONT)
            finally:
                os.close(descriptor)


def _below(pid):
    """Every process below one of ours."""
    found = []
    with contextlib.suppress(OSError):
        for task in os.listdir(f"/proc/{pid}/task"):
            found += map(int, Path(f"/proc/{pid}/task/{task}/children").read_text().split())
    return [*found, *(lower for child in found for lower in _below(child))]


def tick():
    """A number that is another each time."""
    return time.time_ns() & 0x7FFFFFFF
