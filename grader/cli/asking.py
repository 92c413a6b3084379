"""What all commands share: the languages and sandboxes to choose from, and the texts of `--help`. Cheap to import."""

from __future__ import annotations

import locale
import os

LANGUAGES = ("en", "es")
SANDBOXES = ("full", "namespaces", "landlock", "limits")
"""The rungs, best first (see `stage.rungs`, which takes too long to import for `--help`)."""


def locale_language() -> str:
    """The language of the person at the keyboard, as the environment tells it."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name, ""):
            return value[:2] if value[:2] in LANGUAGES else "en"
    return (locale.getlocale()[0] or "en")[:2] if (locale.getlocale()[0] or "en")[:2] in LANGUAGES else "en"


def say(key: str) -> str:
    """A text of `--help`, in that language."""
    from grader.words.help import HELP

    return HELP[locale_language()].get(key, HELP["en"][key])
