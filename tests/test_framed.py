"""Servers that speak in other framings, driven for real: the right one passes, each faulty one is caught for its fault."""

import pytest
from plays import codes, heard, relay

from grader.model import Evidence, Outcome
from grader.words import Sentences

TALK = "ana > hola\nbeto < hola\nana > ¿qué tal?\nbeto < ¿qué tal?\nbeto > bien\nana < bien\nana, beto (nothing)"

# framing of the server: as a spec says it, one message in pieces and two in one packet
FRAMINGS = {
    "u16": ({"length": "u16"}, r"\x00|\x04ho|la\x00\x05adios\x00\x01x"),
    "u64": (
        {"length": "u64", "order": "little"},
        r"\x04\0\0\0|\0\0\0\0hol|a\x05\0\0\0\0\0\0\0adios\x01\0\0\0\0\0\0\0x",
    ),
    "digits": ({"length": "digits"}, r"4|:ho|la5:adios1:x"),
    "header": ({"header": 64}, r"4|<pad>ho|la5<pad>adios1<pad>x"),
    "fixed": ({"fixed": 32}, r"ho|la<pad28>adios<pad27>x<pad31>"),
    "nul": ("nul", r"ho|la\0adios\0x\0"),
    "block": ("block", r"hola\n|\nadios\r\n\r\nx\n\n"),
    "crlf": ({"line": "crlf"}, r"ho|la\r|\nadios\nx\r\n"),
}
PADS = {"<pad>": r"\s" * 63, "<pad28>": r"\s" * 28, "<pad27>": r"\s" * 27, "<pad31>": r"\s" * 31}


def raw(text):
    for name, spaces in PADS.items():
        text = text.replace(name, spaces)
    return text


def case(play, name, **keys):
    return relay(play, "ana", "beto", protocol={"framing": FRAMINGS[name][0]}, **keys)


def judged(stand, play, name, fault="", **keys):
    return stand.conduct_and_judge(case(play, name, **keys), f"python3 framed.py <port> {name} {fault}".strip())


@pytest.mark.parametrize("name", FRAMINGS)
def test_a_correct_server_passes(stand, name):
    pieces = f"ana >> {raw(FRAMINGS[name][1])}\nbeto < hola\nbeto < adios\nbeto < x"
    found = judged(stand, f"{TALK}\n{pieces}", name, law="line-end")
    assert (found.outcome, codes(found.findings)) == (Outcome.PASSED, [])
    assert found.evidence in (Evidence.QUIET, Evidence.SEEN)


@pytest.mark.parametrize("name", FRAMINGS)
def test_one_recv_is_not_one_message(stand, name):
    found = judged(stand, f"ana >> {raw(FRAMINGS[name][1])}\nbeto < hola\nbeto < adios\nbeto < x", name, "torn")
    assert found.outcome is Outcome.FAILED
    assert codes(found.findings)[-1] in ("came-instead", "never-came", "left-over")


# framing, fault, what is found, a word of the sentence in each language
FAULTS = [
    ("u16", "bare", "never-came", "never came", "Nunca llegó"),  # `ho` announces 26735 bytes, and the server is quiet
    ("u16", "cut", "broken-unended", "not complete", "no estaba completo"),
    ("u64", "huge", "broken-too-long", "9223372036854775816", "9223372036854775816"),
    ("digits", "bare", "broken-length", "That is no length", "Eso no es una longitud"),
    ("digits", "huge", "broken-too-long", "99999999999", "99999999999"),
    ("digits", "cut", "broken-unended", "not complete", "no estaba completo"),
    ("header", "bare", "never-came", "never came", "Nunca llegó"),
    ("header", "huge", "broken-too-long", "99999999999999999999", "99999999999999999999"),
    ("fixed", "bare", "never-came", "never came", "Nunca llegó"),
    ("fixed", "cut", "broken-unended", "not complete", "no estaba completo"),
    ("nul", "bare", "never-came", "never came", "Nunca llegó"),
    ("block", "bare", "never-came", "never came", "Nunca llegó"),
]


@pytest.mark.parametrize(("name", "fault", "code", "english", "spanish"), FAULTS)
def test_a_faulty_server_is_caught_for_its_fault(stand, name, fault, code, english, spanish):
    found = judged(stand, "ana > hola\nbeto < hola", name, fault)
    assert (found.outcome, codes(found.findings)) == (Outcome.FAILED, [code])
    assert found.evidence in (Evidence.QUIET, Evidence.SEEN)
    (finding,) = found.findings
    assert english in Sentences("en").of_finding(code, "happened", finding.facts)
    assert spanish in Sentences("es").of_finding(code, "happened", finding.facts)


def test_a_stream_that_broke_is_no_leftover_to_skip(stand):
    found = judged(stand, "ana > hola\nbeto (skips to hola)", "digits", "bare")
    assert codes(found.findings) == ["broken-length"]


def test_a_stream_that_broke_is_found_at_the_end_too(stand):
    found = judged(stand, "ana > hola", "digits", "bare")
    assert codes(found.findings) == ["broken-length"]
    assert judged(stand, "ana > hola", "digits", "bare", leftovers="allowed").outcome is Outcome.PASSED


def test_the_end_of_a_line_is_a_law_for_whoever_names_it(stand):
    play = "ana > hola\nbeto < hola"
    lf = relay(play, "ana", "beto", protocol={"framing": {"line": "crlf"}}, law="line-end")
    found = stand.conduct_and_judge(lf, "python3 relay_threads.py <port>")  # sends on what it got: CR LF
    assert found.outcome is Outcome.PASSED
    bare = relay("ana >> hola\\n\nbeto < hola", "ana", "beto", protocol={"framing": {"line": "crlf"}}, law="line-end")
    assert codes(stand.conduct_and_judge(bare, "python3 relay_threads.py <port>").findings) == ["line-end"]


def test_a_message_may_hold_ends_of_lines(stand):
    asked = r"ana > NAME: ana\nTEXT: a \| b", r"beto < NAME: <who>\nTEXT: <*>"
    found = judged(stand, "\n".join([*asked, "beto > hola, <who>", "ana < hola, ana"]), "block")
    assert (found.outcome, codes(found.findings)) == (Outcome.PASSED, [])


def test_without_framing_an_answer_in_pieces_is_one_message(stand):
    play = "ana > <long 300000>\\n\nbeto < <long 300000>\\n\nana (nothing)"
    case = relay(play, "ana", "beto", protocol={"framing": "none"})
    found = stand.conduct_and_judge(case, "python3 relay_threads.py <port>")
    assert (found.outcome, codes(found.findings)) == (Outcome.PASSED, [])
    assert len(heard(found.transcript, "beto")) == 1


def test_what_was_begun_and_never_ended_is_named(stand):
    found = judged(stand, "ana > hola\nbeto < hola", "nul", "bare")
    (finding,) = found.findings
    assert finding.facts["begun"] == "hola"
    assert "“hola” came" in Sentences("en").of_finding("never-came", "happened", finding.facts)
    assert "Llegó «hola»" in Sentences("es").of_finding("never-came", "happened", finding.facts)
