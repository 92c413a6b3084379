"""A real browser for the tests of pages: Debian's Chromium, headless, driven by Playwright, and asked for nothing but files."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from needs import lacking, needs

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

PATIENCE = 150_000
"""Milliseconds: a browser on a machine that does ten other things is slow, and right all the same."""


def chromium(profile: Path) -> Iterator[Any]:
    """A browser with a profile of its own, or a skip that says what is missing."""
    needs("chromium")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        lacking("the Python package playwright")
    with sync_playwright() as running:
        started = running.chromium.launch(
            executable_path=shutil.which("chromium"),
            headless=True,
            args=FLAGS,
            timeout=PATIENCE,
            env={"HOME": str(profile)},
        )
        yield started
        started.close()


def axe() -> str:
    """The source of axe-core, or a skip."""
    try:
        from axe_playwright_python.base import AXE_SCRIPT
    except ImportError:
        lacking("the Python package axe-playwright-python")
    return AXE_SCRIPT


class Heard:
    """What a browser complained about or asked for while pages were open: nothing, if all is well."""

    def __init__(self, context: Any) -> None:
        self.context = context
        self.said: list[str] = []

    def open(self, path: Path, *, hash_: str = "", width: int = 1280, height: int = 900, **media: str) -> Any:
        """A new page of the browser that shows this file."""
        page = self.context.new_page()
        page.set_default_timeout(PATIENCE)
        page.set_viewport_size({"width": width, "height": height})
        if media:
            page.emulate_media(**media)
        page.on("console", lambda message: self.said.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: self.said.append(f"error: {error}"))
        page.on("request", lambda request: self._request(request.url))
        page.on("dialog", lambda dialog: (self.said.append("dialog"), dialog.dismiss()))
        page.goto(f"{path.as_uri()}{hash_}")
        return page

    def _request(self, url: str) -> None:
        if not url.startswith("file:"):
            self.said.append(f"request: {url}")
