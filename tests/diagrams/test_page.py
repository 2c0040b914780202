"""One page with a diagram of every kind, as a reader's browser shows it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import pytest

from guide.diagrams.svg import with_ids
from support import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ASSETS = ROOT / "docs" / "assets"
POLICY = "default-src 'none'; style-src 'self'; script-src 'self'"
URL = "http://localhost/"

# Background, text and the surfaces between: an element's own paint, or what lies beneath it.
MEASURE = """() => {
  const rgb = (color) => (color.match(/[\\d.]+/g) ?? []).map(Number);
  const luminance = (color) => {
    const [r, g, b] = rgb(color).map((v) => v / 255)
      .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (one, other) => {
    const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
    return (light + 0.05) / (dark + 0.05);
  };
  const page = getComputedStyle(document.body).backgroundColor;
  const shapes = "rect, circle, ellipse, polygon, path";
  const found = [];
  for (const svg of document.querySelectorAll("figure svg")) {
    const kind = svg.closest("figure").id;
    const all = [...svg.querySelectorAll(`${shapes}, line, text`)]
      .filter((element) => !element.closest("marker"));
    const inside = (box, x, y) => x > box.left && x < box.right && y > box.top && y < box.bottom;
    all.forEach((element, index) => {
      const style = getComputedStyle(element);
      const box = element.getBoundingClientRect();
      const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
      const beneath = all.slice(0, index).filter((other) => other.matches(shapes)
        && getComputedStyle(other).fill !== "none" && inside(other.getBoundingClientRect(), x, y)
        && other.isPointInFill(new DOMPoint(x, y).matrixTransform(other.getScreenCTM().inverse())));
      const ground = beneath.length ? getComputedStyle(beneath.at(-1)).fill : page;
      if (element.matches("text")) {
        const words = element.textContent;
        const fits = box.left >= svg.getBoundingClientRect().left - 1
          && box.right <= svg.getBoundingClientRect().right + 1;
        const halo = style.stroke !== "none" ? style.stroke : ground;
        found.push({ kind, words, fits, contrast: contrast(style.fill, halo) });
      } else if (!element.matches(".grid")) {
        const paint = element.matches("[class^=series-]") ? style.fill : style.stroke;
        const line = element.outerHTML.slice(0, 80);
        if (paint !== "none") found.push({ kind, line, contrast: contrast(paint, page) });
      }
    });
    for (const rect of svg.querySelectorAll("rect:not([class])")) {
      const frame = rect.getBoundingClientRect();
      for (const text of svg.querySelectorAll("text")) {
        const box = text.getBoundingClientRect();
        const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
        if (text.matches(".halo") || !inside(frame, x, y)) continue;
        const fits = box.left >= frame.left && box.right <= frame.right;
        found.push({ kind, words: text.textContent, fits, contrast: 21 });
      }
    }
  }
  return found;
}"""


def html(scheme: str, drawings: Mapping[str, str]) -> str:
    figures = "".join(
        f'<figure class="diagram" id="{name}">'
        f'<div class="diagram__scroll" role="group" tabindex="0" aria-label="{name}">'
        f"{with_ids(svg, f'{name}-')}</div>"
        f'<figcaption aria-hidden="true">{name}</figcaption></figure>'
        for name, svg in drawings.items()
    )
    return (
        "<!doctype html><html lang=en><title>Diagrams</title>"
        '<link rel="stylesheet" href="/stylesheets/guide.css">'
        '<link rel="stylesheet" href="/stylesheets/diagrams.css">'
        '<link rel="stylesheet" href="/page.css">'
        f'<body data-md-color-scheme="{scheme}"><main class="md-typeset">{figures}</main>'
        '<script type="module" src="/page.js"></script>'
    )


SCRIPT = """import { enhanceDiagrams } from "/javascripts/diagrams.js";
enhanceDiagrams(document);
enhanceDiagrams(document);
document.documentElement.id = "ready";
"""


@pytest.fixture(params=["default", "slate"])
def page(
    request: pytest.FixtureRequest, chromium: Browser, drawings: Mapping[str, str]
) -> Iterator[Page]:
    opened = chromium.new_page(viewport={"width": 1000, "height": 700})
    problems: list[str] = []
    opened.on("console", lambda message: problems.append(message.text))
    opened.on("pageerror", lambda error: problems.append(error.message))

    def answer(route: Any) -> None:
        path = route.request.url.removeprefix(URL)
        if path == "":
            route.fulfill(
                body=html(request.param, drawings),
                content_type="text/html; charset=utf-8",
                headers={"Content-Security-Policy": POLICY},
            )
        elif path == "page.css":
            background = "body { margin: 0; background: var(--diagram-page); }"
            route.fulfill(body=background, content_type="text/css")
        elif path == "page.js":
            route.fulfill(body=SCRIPT, content_type="text/javascript")
        else:
            route.fulfill(path=ASSETS / path)

    opened.route("**/*", answer)
    opened.goto(URL)
    opened.wait_for_selector("#ready")
    yield opened
    opened.close()
    assert problems == []


def test_words_and_lines_stand_out_and_labels_fit(page: Page):
    found = page.evaluate(MEASURE)
    kinds = {item["kind"] for item in found if "words" in item}
    assert len(kinds) == 13
    assert [item for item in found if "words" in item and item["contrast"] < 4.5] == []
    assert [item for item in found if "words" in item and not item["fits"]] == []
    assert [item for item in found if "line" in item and item["contrast"] < 3] == []


def test_every_id_is_unique_and_every_reference_resolves(page: Page):
    assert page.evaluate(
        """() => {
          const ids = [...document.querySelectorAll("svg [id]")].map((e) => e.id);
          const asked = [...document.querySelectorAll("svg, svg *")].flatMap((e) =>
            [...e.attributes].flatMap(({ name, value }) =>
              name.startsWith("aria-") ? value.split(" ")
                : [...value.matchAll(/url\\(#(.+?)\\)/g)].map((m) => m[1])));
          const missing = asked.filter((id) => !ids.includes(id));
          return [ids.length - new Set(ids).size, missing, asked.length > 20];
        }"""
    ) == [0, [], True]


def test_a_drawing_keeps_its_size_on_a_narrow_screen_and_scrolls(page: Page):
    page.set_viewport_size({"width": 360, "height": 700})
    natural, shown, scrolls = page.evaluate(
        """() => {
          const region = document.querySelector("#quadrant .diagram__scroll");
          const svg = region.firstElementChild;
          return [Number(svg.getAttribute("width")), svg.getBoundingClientRect().width,
            region.scrollWidth > region.clientWidth];
        }"""
    )
    assert shown == natural
    assert scrolls
    assert page.evaluate("document.documentElement.scrollWidth") == 360


def test_enter_enlarges_the_focused_diagram_and_escape_returns(page: Page):
    region = page.locator("#flowchart .diagram__scroll")
    region.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Choosing a method")
    assert dialog.is_visible()
    size = dialog.locator("svg").bounding_box()
    assert size is not None
    assert size["width"] > 800
    assert (
        page.evaluate(
            """() => {
          const ids = [...document.querySelectorAll("[id]")].map((e) => e.id);
          return ids.length - new Set(ids).size;
        }"""
        )
        == 0
    )
    page.keyboard.press("Escape")
    assert not dialog.is_visible()
    assert region.evaluate("(element) => element === document.activeElement")


def test_each_diagram_has_one_button_that_enlarges_it(page: Page):
    buttons = page.locator("#sequence .diagram__enlarge")
    assert buttons.count() == 1
    assert buttons.get_attribute("aria-label") == "Enlarge: Token refresh"
    box = buttons.bounding_box()
    assert box is not None
    assert min(box["width"], box["height"]) >= 24
    buttons.focus()
    page.keyboard.press("Enter")
    assert page.get_by_role("dialog", name="Token refresh").is_visible()
    page.get_by_role("button", name="Close").click()
    assert buttons.evaluate("(element) => element === document.activeElement")


def test_the_button_takes_room_that_was_kept_for_it(page: Page):
    assert (
        page.evaluate(
            """() => {
          const figure = document.querySelector("#state");
          const before = figure.getBoundingClientRect().height;
          figure.querySelector("button").remove();
          return figure.getBoundingClientRect().height - before;
        }"""
        )
        == 0
    )


def test_forced_colours_keep_words_and_lines_visible(page: Page):
    page.emulate_media(forced_colors="active")
    assert page.evaluate(
        """() => {
          const style = (part) => getComputedStyle(document.querySelector(`#flowchart ${part}`));
          const node = style("rect:not([class])").fill;
          return [style("text").fill === node, style(".edge").stroke === node];
        }"""
    ) == [False, False]
