import pytest
from test_conductor import *
@pytest.mark.parametrize("n", range(60))
@pytest.mark.parametrize("fault", ["leaves-a-child","stays","never-listens","doubles"])
def test_x(stand, fault, n):
    name, expected, evidence = FAULTS[fault]
    judged = stand.conduct_and_judge(CASES[name], f"python3 chat.py <port> {fault}")
    for e in judged.transcript.events: print('  ', e)
    assert (codes(judged.findings), judged.evidence) == (expected, evidence)
