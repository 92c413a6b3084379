"""Prints and sends markup that would run in a teacher's browser, or end the element it stands in."""

EVIL = [
    "<script>TOKEN-ran()</script>", "</pre></code><img src=x onerror=TOKEN-ran()>", "\"><svg/onload=TOKEN-ran()>", "]]><!--",
    "javascript:TOKEN-ran()", "{{ 7 * 7 }} {% raw %}", "</title><style>*{display:none}</style>", "=cmd|' /C calc'!A0",
]  # fmt: skip


def attack(targets):
    yield from EVIL


def answer(line):
    return "".join(e + "\n" for e in EVIL).encode()
