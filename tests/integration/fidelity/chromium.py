"""Draw SVG documents with Chromium."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Page, sync_playwright

_ARGUMENTS = [
    "--force-color-profile=srgb",
    "--disable-lcd-text",
    "--font-render-hinting=none",
    "--hide-scrollbars",
]


@contextmanager
def open_chromium(width: int, height: int) -> Iterator[Page]:
    """Open a page of Debian's Chromium without network access.

    Args:
        width: width of the page in CSS pixels.
        height: height of the page in CSS pixels.
    """
    program = shutil.which("chromium")
    if program is None:
        raise FileNotFoundError("chromium is not installed: run `make packages`")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=_ARGUMENTS)
        context = browser.new_context(viewport={"width": width, "height": height}, offline=True)
        try:
            yield context.new_page()
        finally:
            browser.close()


def draw_with_chromium(page: Page, svg: bytes, width: int, height: int) -> bytes:
    """Return a screenshot of an SVG document as PNG, on white.

    Args:
        page: an open page.
        svg: the document.
        width: width of the picture in pixels.
        height: height of the picture in pixels.
    """
    page.set_viewport_size({"width": width, "height": height})
    page.route(
        "http://template.invalid/*", lambda route: route.fulfill(body=svg, content_type="image/svg+xml")
    )
    page.goto("http://template.invalid/template.svg")
    page.wait_for_timeout(50)
    picture = page.screenshot(full_page=False)
    page.unroute_all()
    return picture
