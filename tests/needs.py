"""What a test needs of the machine: a program, a rung of the sandbox ladder. Where it is missing the test is skipped.

The skip names what is missing, and the run prints it. With GRADER_ALL=1 in the environment, as on a machine that is meant
to have everything, a missing thing fails the test instead: nothing goes untested there without anybody noticing.
"""

import os
import shutil

import pytest


def needs(*programs: str) -> None:
    """The test can't run without these programs. Call it first in a test or a fixture."""
    absent = [program for program in programs if shutil.which(program) is None]
    if absent:
        lacking(f"{' and '.join(absent)} not installed")


def lacking(why: str) -> None:
    """The machine lacks something that the test needs."""
    if os.environ.get("GRADER_ALL") == "1":
        pytest.fail(f"GRADER_ALL=1, and this machine lacks something: {why}", pytrace=False)
    pytest.skip(f"needs more than this machine has: {why}")


def forbidden(why: str) -> None:
    """The machine does not let this user do what the test needs; nothing that could be installed would change it."""
    pytest.skip(f"this user may not: {why}")
