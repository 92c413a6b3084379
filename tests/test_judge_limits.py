"""A limit that was met becomes a finding: before what follows from it, never more than once, and a remark where all went well."""

from signal import SIGKILL, SIGXCPU, SIGXFSZ

import pytest

from grader.judge.limits import met, note, with_limits
from grader.model import SERVER, Event, Evidence, Finding, Kind

MIB = 1 << 20
NEVER = Finding("never-came", {"who": ["ana"]})
EXITED = Finding("exited", {"status": -9})
EARLY = Finding("exited-early", {"status": -9})


def noted(*limits):
    return [Event(0.1, SERVER, Kind.NOTED, note=note(*limit)) for limit in limits]


def ended(status):
    return [Event(0.1, SERVER, Kind.EXITED, note=str(status))]


@pytest.mark.parametrize(
    ("events", "code", "facts"),
    [
        (noted(("memory", 2100 * MIB + 1, 2048 * MIB)), "limit-memory", {"used": 2101, "most": 2048}),
        (noted(("processes", 512, 512)), "limit-processes", {"used": 512, "most": 512}),
        (noted(("files", 1024, 1024)), "limit-files", {"used": 1024, "most": 1024}),
        (noted(("file-size", 32 * MIB, 32 * MIB)), "limit-file-size", {"used": 32, "most": 32}),
        (noted(("disk", 256 * MIB, 256 * MIB)), "limit-disk", {"used": 256, "most": 256}),
        (noted(("entries", 50_001, 50_000)), "limit-entries", {"used": 50_001, "most": 50_000}),
        (noted(("output", 3 * MIB, 64 << 10)), "limit-output", {"used": 3072, "most": 64}),
        (ended(-SIGXCPU), "limit-seconds", {}),
        (ended(-SIGXFSZ), "limit-file-size", {}),
    ],
)
def test_each_limit_has_its_finding_with_its_figures(events, code, facts):
    assert met(events) == [Finding(code, facts, (0,))]


@pytest.mark.parametrize(
    "events", [[], ended(0), ended(1), ended(-SIGKILL), ended("None"), [Event(0.1, SERVER, Kind.NOTED, note="end")]]
)
def test_other_events_are_no_limit(events):
    assert met(events) == []


def test_a_limit_is_told_once_and_what_ended_the_server_first():
    events = noted(("processes", 505, 512), ("processes", 512, 512), ("memory", 3 * MIB, 2 * MIB))
    assert [(f.code, f.facts["used"]) for f in met(events)] == [("limit-memory", 3), ("limit-processes", 505)]


@pytest.mark.parametrize("exit_", [EXITED, EARLY])
def test_a_limit_that_ended_the_server_stands_in_place_of_its_end(exit_):
    findings, remarks, evidence = with_limits(
        [exit_, NEVER], [], noted(("memory", 3 * MIB, 2 * MIB)), Evidence.DEADLINE
    )
    assert [f.code for f in findings] == ["limit-memory", "never-came"]
    assert (remarks, evidence) == ([], Evidence.SEEN)


def test_a_limit_that_only_refused_stands_before_what_else_is_wrong_and_proves_nothing_more():
    findings, _, evidence = with_limits([EXITED, NEVER], [], noted(("processes", 512, 512)), Evidence.DEADLINE)
    assert [f.code for f in findings] == ["limit-processes", "exited", "never-came"]
    assert evidence is Evidence.DEADLINE


def test_who_passes_nevertheless_keeps_the_points():
    findings, remarks, evidence = with_limits([], [NEVER], noted(("files", 1024, 1024)), Evidence.QUIET)
    assert (findings, evidence) == ([], Evidence.QUIET)
    assert [f.code for f in remarks] == ["never-came", "limit-files"]


def test_much_output_is_never_a_reason():
    findings, remarks, _ = with_limits([NEVER], [], noted(("output", 3 * MIB, 64 << 10)), Evidence.QUIET)
    assert ([f.code for f in findings], [f.code for f in remarks]) == (["never-came"], ["limit-output"])


def test_without_limits_nothing_changes():
    assert with_limits([NEVER], [EXITED], [], Evidence.FENCE) == ([NEVER], [EXITED], Evidence.FENCE)
