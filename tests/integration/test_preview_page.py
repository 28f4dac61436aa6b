"""The page of ``certbeam preview --serve`` in Chromium: certificates, reloads, keyboard and accessibility."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from certbeam.artwork.authoring.samples import LONG_NAME
from certbeam.tests.pipelines.cli.authoring.pages import TEMPLATE, serve_page, write_template

AXE = Path(__file__).parent / "axe" / "node_modules" / "axe-core" / "axe.min.js"
UNKNOWN = TEMPLATE.replace("courseName", "corseName")
BROKEN = TEMPLATE.replace("</text>", "", 1)
SECONDS = 60
WIDTHS = "pictures => pictures.map(picture => picture.complete ? picture.naturalWidth : 0)"
WITHOUT_VIEWER = "Object.defineProperty(navigator, 'pdfViewerEnabled', {value: false})"
"""A browser that is set up to download PDF files instead of showing them."""

expect.set_options(timeout=SECONDS * 1000)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    program = shutil.which("chromium")
    if program is None:
        pytest.fail("chromium is missing: install it by 'make packages'")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program)
        yield browser
        browser.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    with browser.new_context(viewport={"width": 1440, "height": 900}) as context:
        context.set_default_timeout(SECONDS * 1000)
        yield context


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    """The address of the page of a template in ``tmp_path``."""
    with serve_page(write_template(tmp_path)) as url:
        yield url


@pytest.fixture
def page(context: BrowserContext, url: str) -> Iterator[Page]:
    """The page, which must have no error in the browser's console but that of certificates that cannot be drawn."""
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    show(page, url)
    yield page
    assert [error for error in errors if "422 (Unprocessable Entity)" not in error] == []


def show(page: Page, url: str) -> None:
    page.goto(url)
    wait_for_pictures(page)


def wait_for_pictures(page: Page) -> None:
    expect(page.locator("#pictures")).to_have_attribute("aria-busy", "false")


def find_violations(page: Page) -> list[str]:
    """Return what axe-core reports, with the elements."""
    if not AXE.exists():
        pytest.fail("axe-core is not installed: run 'make javascript'")
    # The page's policy allows no script of others; this way it runs outside of the policy.
    page.evaluate(AXE.read_text(encoding="utf-8"))
    report = page.evaluate("axe.run(document, {iframes: false})")
    assert report["passes"]
    return [f"{found['id']}: {node['html']}" for found in report["violations"] for node in found["nodes"]]


def test_the_certificate_is_shown_in_each_format(page: Page):
    assert page.locator(".picture img").evaluate_all(WIDTHS) == [400, 1600]
    frame = page.locator(".picture iframe")
    expect(frame).to_have_attribute("title", "Certificate as PDF, Latin: José Müller Čapek")
    assert "/certificate.pdf?" in (frame.get_attribute("src") or "")
    for name in ("SVG", "PNG", "PDF"):
        expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()
        expect(page.get_by_role("link", name=f"Open {name}")).to_be_visible()
    expect(page.locator("#saved")).to_contain_text("no findings")


def test_a_browser_without_a_pdf_viewer_shows_a_picture_of_the_pdf(context: BrowserContext, url: str):
    context.add_init_script(WITHOUT_VIEWER)
    page = context.new_page()
    show(page, url)
    widths = page.locator(".picture img").evaluate_all(WIDTHS)
    assert len(widths) == 3
    assert all(widths)
    assert page.locator("iframe").count() == 0
    assert find_violations(page) == []


def test_a_new_tab_shows_a_certificate_alone(page: Page, context: BrowserContext):
    with context.expect_page() as opened:
        page.get_by_role("link", name="Open SVG").click()
    opened.value.wait_for_load_state()
    assert opened.value.evaluate("document.documentElement.localName") == "svg"
    assert "José" in opened.value.locator("svg").first.inner_html()


def test_the_keyboard_switches_samples_and_zoom(page: Page):
    sample = page.get_by_label("Sample")
    page.keyboard.press("Tab")
    expect(sample).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.locator("#announcement")).to_contain_text("Sample shown: Greek")
    expect(page.locator(".picture img").first).to_have_attribute(
        "alt", "Certificate as SVG, Greek: Γιώργος Παπαδόπουλος"
    )
    page.keyboard.press("Home")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#announcement")).to_have_text("Sample shown: Long name")
    source = page.locator(".picture img").first.get_attribute("src") or ""
    assert LONG_NAME in page.evaluate("async url => (await fetch(url)).text()", source)
    page.keyboard.press("Tab")
    expect(page.get_by_label("Fit")).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_label("100 %")).to_be_checked()
    assert page.locator(".picture img").evaluate_all("all => all.map(one => one.width)") == [400, 400]


def test_the_keyboard_reaches_every_control_in_order(page: Page, tmp_path: Path):
    write_template(tmp_path, UNKNOWN)
    expect(page.locator("#finding-list li")).to_have_count(1)
    wait_for_pictures(page)
    focused = []
    for _ in range(30):
        page.keyboard.press("Tab")
        name = page.evaluate(
            "() => { const {id, name, textContent, localName} = document.activeElement;"
            " return localName === 'a' ? textContent : id || name || localName; }"
        )
        focused.append(name)
        if name == "lines":
            break
    controls = ["scenario", "zoom", "reload", "Line 4", "Open SVG", "Open PNG", "Open PDF", "lines"]
    assert [name for name in focused if name in controls] == controls


def test_a_saved_template_is_shown_with_its_finding(page: Page, tmp_path: Path):
    before = page.locator(".picture img").first.get_attribute("src")
    write_template(tmp_path, UNKNOWN)
    expect(page.locator("#announcement")).to_have_text("Template reloaded, 1 finding")
    expect(page.locator("#saved")).to_contain_text("1 error")
    expect(page.locator("#line-4")).to_contain_text(
        "Error issue events do not bring the variable 'corseName'"
    )
    assert page.locator(".picture img").first.get_attribute("src") != before
    page.get_by_role("link", name="Line 4").first.press("Enter")
    expect(page.locator("#line-4")).to_be_focused()
    expect(page.locator("#line-4")).to_be_in_viewport()


def test_a_broken_template_shows_its_error_and_recovers(page: Page, tmp_path: Path):
    write_template(tmp_path, BROKEN)
    expect(page.locator("#announcement")).to_have_text("Template reloaded, 1 finding")
    wait_for_pictures(page)
    assert page.locator(".picture .finding.error").count() == 3
    expect(page.locator("#PNG-paper")).to_contain_text("Error Line 3 the template is not well-formed XML")
    expect(page.locator("#line-3")).to_contain_text("not well-formed")
    expect(page.get_by_role("link", name="Open SVG")).to_be_hidden()
    write_template(tmp_path)
    expect(page.locator("#announcement")).to_have_text("Template reloaded, 0 findings")
    wait_for_pictures(page)
    assert page.locator(".picture img").evaluate_all(WIDTHS) == [400, 1600]


def test_a_sample_that_cannot_be_printed_shows_its_error(page: Page, tmp_path: Path):
    write_template(tmp_path, TEMPLATE.replace("${courseName}", '<tspan>{{dateFormat day "D"}}</tspan>'))
    expect(page.locator("#announcement")).to_contain_text("Template reloaded")
    page.get_by_label("Sample").select_option("missing-values")
    expect(page.locator("#announcement")).to_contain_text("Error: the variable 'day' has no value")
    expect(page.locator("#PDF-paper")).to_contain_text("the variable 'day' has no value")


def test_the_button_reloads_the_template(page: Page):
    page.get_by_role("button", name="Reload").click()
    expect(page.locator("#announcement")).to_have_text("Template reloaded, 0 findings")


def test_a_stopped_server_is_reported(context: BrowserContext, tmp_path: Path):
    page = context.new_page()
    with serve_page(write_template(tmp_path)) as url:
        show(page, url)
    expect(page.locator("#saved")).to_have_text("Not connected: start certbeam preview again")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("source", [TEMPLATE, UNKNOWN, BROKEN], ids=["fine", "unknown", "broken"])
def test_axe_finds_no_violations(page: Page, tmp_path: Path, scheme: str, source: str):
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    write_template(tmp_path, source + " ")
    expect(page.locator("#announcement")).to_contain_text("Template reloaded")
    wait_for_pictures(page)
    assert find_violations(page) == []
    page.get_by_label("100 %").check()
    assert find_violations(page) == []


@pytest.mark.parametrize(("width", "height"), [(320, 256), (390, 844), (1024, 400)])
def test_a_narrow_page_needs_no_scrolling_in_two_directions(page: Page, width: int, height: int):
    """320 CSS pixels are a window of 1280 pixels at 400 % (WCAG 2.2, 1.4.10)."""
    page.set_viewport_size({"width": width, "height": height})
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert find_violations(page) == []
