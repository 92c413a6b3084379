"""Servers that speak TLS, driven for real: whatever they say is read as if it had been plain, and what is no TLS is caught."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from plays import codes, heard, relay

from grader.errors import SpecError
from grader.model import Evidence, Kind, Outcome
from grader.words import Sentences

TLS = {"transport": "tls"}
TALK = "ana > hola\nbeto < hola\nana > ¿qué tal?\nbeto < ¿qué tal?\nbeto > bien\nana < bien\nana, beto (nothing)"
PEM = Path(__file__).parent / "servers" / "own.pem"
FRAMINGS = [
    "line", {"length": "u16"}, {"length": "digits"}, {"header": 8}, {"fixed": 32}, {"until": ";"}, "nul", {"block": "lf"},
    {"headers": "Content-Length", "shows": "body"}, "none",
]  # fmt: skip


def judged(stand, play, fault="", *clients, protocol=TLS, **keys):
    case = relay(play, *(clients or ("ana", "beto")), protocol=protocol, **keys)
    return stand.conduct_and_judge(case, f"python3 secure.py <port> {fault}".strip())


@pytest.mark.parametrize("framing", FRAMINGS, ids=str)
def test_a_correct_server_passes_in_every_framing(stand, framing):
    found = judged(stand, TALK, protocol={**TLS, "framing": framing})
    assert (found.outcome, codes(found.findings)) == (Outcome.PASSED, [])
    assert found.evidence is Evidence.QUIET


def test_json_and_websockets_travel_in_tls(stand):
    play = 'ana > {"say": "hola", "n": 1}\nbeto < {"say": "hola"}\nana (nothing)'
    assert judged(stand, play, protocol={**TLS, "framing": "json"}).outcome is Outcome.PASSED
    case = relay("ana > hola\nana < hola\nana (leaves)", "ana", protocol={**TLS, "framing": {"websocket": "/"}})
    found = stand.conduct_and_judge(case, "python3 sockets.py <port> echo tls")
    assert (found.outcome, codes(found.findings)) == (Outcome.PASSED, [])


def test_the_evidence_is_what_was_said_and_not_what_travelled(stand):
    found = judged(stand, TALK)
    assert heard(found.transcript, "beto") == [b"hola\n", "¿qué tal?\n".encode()]
    assert [e.data for e in found.transcript.events if e.who == "beto" and e.kind is Kind.SENT] == [b"bien\n"]


def test_much_travels_both_ways_and_nothing_is_in_flight_at_quiet(stand):
    play = "ana > <long 300000>\nbeto < <long 300000>\nana > m<i>  200 times\nbeto < m<i>  200 times\nbeto (nothing)"
    found = judged(stand, play)
    assert (found.outcome, codes(found.findings)) == (Outcome.PASSED, [])


def test_pieces_of_a_message_travel_in_records_of_their_own(stand):
    assert judged(stand, "ana >> ho|la\\n|a\\nb\\n\nbeto < hola\nbeto < a\nbeto < b").outcome is Outcome.PASSED


@pytest.mark.parametrize("fault", ["unwraps", "cuts"])
def test_with_a_goodbye_or_without_the_end_is_an_end(stand, fault):
    play = "ana > bye\nana (is disconnected)\ncaro > hola\nbeto < hola\nbeto (leaves)\ncaro (half-closes)\ncaro (is disconnected)"
    found = judged(stand, play, fault, "ana", "beto", "caro")
    assert (found.outcome, codes(found.findings)) == (Outcome.PASSED, [])


def test_clients_crash_freeze_and_come_back(stand):
    play = "ana (freezes)\nbeto > uno\nbeto > dos\nana (thaws)\nana < uno\nana < dos\nana (crashes)\nana (connects)\nana > x\nbeto < x"
    assert judged(stand, play).outcome is Outcome.PASSED


# what the server does, who is told, what is found, a word of the sentence in each language
FAULTS = [
    ("plain", "no-tls", "did not come about", "no se logró"),
    ("mute", "no-tls", "did not come about", "no se logró"),
    ("asks", "no-tls", "handshake failure", "handshake failure"),
    ("leaks", "broken-tls-ended", "belong to no TLS", "no son de TLS"),
    ("both", "broken-tls-ended", "belong to no TLS", "no son de TLS"),
]


@pytest.mark.parametrize(("fault", "code", "english", "spanish"), FAULTS)
def test_what_is_no_tls_is_caught_for_its_fault(stand, fault, code, english, spanish):
    found = judged(stand, TALK, fault)
    assert (found.outcome, codes(found.findings)) == (Outcome.FAILED, [code])
    assert found.evidence in (Evidence.QUIET, Evidence.SEEN)
    (finding,) = found.findings
    assert english in Sentences("en").of_finding(code, "happened", finding.facts)
    assert spanish in Sentences("es").of_finding(code, "happened", finding.facts)


def test_a_server_without_tls_is_caught_by_what_it_says_first(stand):
    case = relay("ana > hola\nbeto < hola", "ana", "beto", protocol=TLS)
    found = stand.conduct_and_judge(case, "python3 chat_server.py <port>")
    assert codes(found.findings) == ["no-tls"]
    assert found.findings[0].facts["got"].startswith("name?\\n")
    assert "no TLS" in Sentences("en").of_finding("no-tls", "happened", found.findings[0].facts)


def test_a_certificate_is_asked_for_only_where_the_spec_names_one(stand, tmp_path):
    case = relay(TALK, "ana", "beto", protocol=TLS)
    own = PEM.read_text().partition("-----BEGIN CERT")
    for trusted, outcome in (("".join(own[1:]), Outcome.PASSED), (OTHER, Outcome.FAILED)):
        spec = replace(case.spec, protocol=replace(case.spec.protocol, trusted=trusted))
        found = stand.conduct_and_judge(replace(case, spec=spec), "python3 secure.py <port>")
        assert found.outcome is outcome
    assert "self-signed" in Sentences("en").of_finding("no-tls", "happened", found.findings[0].facts)


def test_a_certificate_that_is_none_is_a_complaint(tmp_path):
    with pytest.raises(SpecError, match=r"There is no file 'none\.pem'"):
        relay(TALK, "ana", "beto", protocol={**TLS, "certificate": "none.pem"})
    with pytest.raises(SpecError, match="`certificate` is for `transport: tls`"):
        relay(TALK, "ana", "beto", protocol={"certificate": str(shutil.copy(PEM, tmp_path))})
    assert relay(TALK, "ana", "beto", protocol={**TLS, "certificate": str(PEM)}).spec.protocol.trusted


OTHER = """\
-----BEGIN CERTIFICATE-----
MIIBdTCCARugAwIBAgIUBA3HEILE7+6gWKr+riAl9jiYZ9wwCgYIKoZIzj0EAwIw
DzENMAsGA1UEAwwEY2hhdDAgFw0yNjExMjcwOTA2MTRaGA8yMTI2MTEwMzA5MDYx
NFowDzENMAsGA1UEAwwEY2hhdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABPHE
RRGrWosPkBI10gaZD54qAHzo4QsW3ugjU4yqCR2WsJmrH+DigLOlBH55hidIHFaW
uplHbDOVCwBk1ck1UkejUzBRMB0GA1UdDgQWBBSkxuJ8aHDv7HaAlw5GZbLv9RbZ
vDAfBgNVHSMEGDAWgBSkxuJ8aHDv7HaAlw5GZbLv9RbZvDAPBgNVHRMBAf8EBTAD
AQH/MAoGCCqGSM49BAMCA0gAMEUCIQCWKu7dIrf6k3Ahllc4w81mDLeVuQNNV08I
HH6SO/nVdgIgFUKXwuzWUxWYqxaXBIGNkI+jiTOSIVlC019o8kg+I8w=
-----END CERTIFICATE-----
"""
