"""From a template to a page: the one place where templates are filled in, styles and scripts written into a page.

What comes from a submission is hostile: the templates escape by themselves, every text passes `_safe` (which shows what
can't be seen), and the policy in the page's head lets no script run but ours, known by its hash.
"""

from __future__ import annotations

import base64
import hashlib
from functools import lru_cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from grader.report.elements import prose
from grader.words import Sentences, printable_lines


def render(template: str, page: object, say: Sentences, *, style: str, script: str) -> str:
    """A page: its template, which finds `page` under the name p, with the style sheets and the script that are named."""
    code, sheet = _asset(script), Markup().join(_asset(name) for name in style.split())
    hashed = base64.b64encode(hashlib.sha256(f"\n{code}".encode()).digest()).decode()
    made = _environment().get_template(template)
    return made.render(p=page, say=say.say, prose=_prose, style=sheet, script=code, script_hash=hashed)


def warm() -> None:
    """Compile the templates, so that the first page is drawn as fast as the second."""
    for name in _environment().list_templates(extensions=["j2"]):
        _environment().get_template(name)


@lru_cache(maxsize=1)
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("grader.report"),
        autoescape=True,
        finalize=_safe,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )


@lru_cache(maxsize=8)
def _asset(name: str) -> Markup:
    """A file of ours that is written into the page as it is."""
    text = files("grader.report").joinpath("templates", name).read_text(encoding="utf-8")
    return Markup(text)  # noqa: S704  not data: our own style sheet and script


def _safe(value: object) -> object:
    """What every expression of a template passes: text that can't be seen is shown; markup is ours already."""
    return value if isinstance(value, Markup) or not isinstance(value, str) else printable_lines(value)


def _prose(text: str) -> Markup:
    return prose(printable_lines(text))
