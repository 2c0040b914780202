"""Pages at 400 % zoom, with wide text spacing, without motion, in forced colors."""

from __future__ import annotations

import base64

import pytest
from playwright.sync_api import expect

from page_types import PAGE_TYPES

MAY_SCROLL = ".md-typeset pre > code, .table-box, .diagram__scroll, .diagram__view"
"""Code, tables and diagrams lose their meaning in one column (WCAG 1.4.10 excepts them)."""

# Elements that scroll sideways, and texts that reach over the edge of the window, but for those in
# boxes that may scroll. What is hidden for the eye only is a pixel wide.
WIDER = """allowed => {
    const found = []
    for (const each of document.querySelectorAll("body *")) {
        if (!each.checkVisibility({ visibilityProperty: true }) || each.closest(allowed)) continue
        const { left, right, width } = each.getBoundingClientRect()
        const name = `${each.localName}.${each.className}`
        const style = getComputedStyle(each)
        const scrolls = /auto|scroll/.test(style.overflowX) && each.scrollWidth > each.clientWidth
        if (scrolls && each.clientWidth > 0) found.push(`${name} scrolls`)
        const text = [...each.childNodes].some(node => node.nodeType === 3 && node.data.trim())
        if (text && width > 1 && (left < -1 || right > innerWidth + 1)) found.push(`${name} is cut`)
    }
    return found
}"""

SPACING = """() => {
    const sheet = new CSSStyleSheet()
    sheet.replaceSync(`* {
        line-height: 1.5 !important;
        letter-spacing: 0.12em !important;
        word-spacing: 0.16em !important;
    }
    p { margin-bottom: 2em !important; }`)
    document.adoptedStyleSheets = [sheet]
}"""

# Elements whose text does not fit in what they show of it and cannot be scrolled to either. The bar
# repeats the title of the page in one line; all of it is in its heading.
CLIPPED = """() => {
    const found = []
    for (const each of document.querySelectorAll("body *")) {
        if (!each.checkVisibility({ visibilityProperty: true }) || !each.innerText?.trim()) continue
        if (each.closest("[data-md-component=header-topic]")) continue
        const { overflowX, overflowY } = getComputedStyle(each)
        const over = ["Width", "Height"].map(size => each[`scroll${size}`] - each[`client${size}`])
        const cut = [[overflowX, over[0]], [overflowY, over[1]]].some(([overflow, more]) =>
            /hidden|clip/.test(overflow) && more > 1)
        const text = each.innerText.trim().slice(0, 40)
        if (cut && each.clientWidth > 1) found.push(`${each.localName}.${each.className}: ${text}`)
    }
    return found
}"""

# Whatever would take more than a few milliseconds to move, fade or grow.
SLOW = """() => {
    const slow = []
    const longest = text => Math.max(...text.split(",").map(each =>
        parseFloat(each) * (each.trim().endsWith("ms") ? 1 : 1000)))
    for (const each of document.querySelectorAll("*")) {
        for (const part of ["", "::before", "::after"]) {
            const style = getComputedStyle(each, part || null)
            const times = ["transitionDuration", "transitionDelay", "animationDuration"]
            const time = Math.max(...times.map(name => longest(style[name])))
            const smooth = style.scrollBehavior === "smooth"
            if (time > 5 || smooth) slow.push(`${each.localName}.${each.className}${part}`)
        }
    }
    return slow
}"""

# What a reader can operate, one of each kind; then the place of one, which may still move.
CONTROLS = """() => {
    const kinds = new Map()
    const all = "button, input, select, textarea, summary, a[href], .md-header label"
    for (const each of document.querySelectorAll(all)) {
        const names = [each.localName, ...each.classList].filter(name => !name.includes("--"))
        const { x, y, width, height } = each.getBoundingClientRect()
        const shown = each.checkVisibility({ visibilityProperty: true, opacityProperty: true })
        const inside = x >= 0 && y >= 0 && x + width <= innerWidth && y + height <= innerHeight
        if (shown && inside && width > 2) kinds.set(names.join("."), each)
    }
    window.controls = kinds
    return [...kinds.keys()]
}"""
BOX = """name => {
    const { x, y, width, height } = window.controls.get(name).getBoundingClientRect()
    return { x, y, width, height }
}"""

# How far the lightest and the darkest pixel of a picture are from each other, of 255.
RANGE = """async text => {
    const bytes = Uint8Array.from(atob(text), each => each.charCodeAt(0))
    const image = await createImageBitmap(new Blob([bytes], { type: "image/png" }))
    const context = new OffscreenCanvas(image.width, image.height).getContext("2d")
    context.drawImage(image, 0, 0)
    const { data } = context.getImageData(0, 0, image.width, image.height)
    let [least, most] = [255, 0]
    for (let at = 0; at < data.length; at += 4) {
        const light = 0.2126 * data[at] + 0.7152 * data[at + 1] + 0.0722 * data[at + 2]
        least = Math.min(least, light)
        most = Math.max(most, light)
    }
    return most - least
}"""

# Words of drawings whose color is not that of text, and shapes and lines that have none.
FAINT = """() => {
    const probe = document.body.appendChild(document.createElement("i"))
    const named = name => {
        probe.style.cssText = `forced-color-adjust: none; color: ${name}`
        return getComputedStyle(probe).color
    }
    const names = ["Canvas", "CanvasText", "HighlightText", "Highlight"]
    const [canvas, text, on, mark] = names.map(named)
    const faint = []
    for (const each of document.querySelectorAll(".diagram svg :is(text, rect, path, circle)")) {
        if (each.closest("defs")) continue
        const { fill, stroke } = getComputedStyle(each)
        const fine = each.matches("text")
            ? [text, on].includes(fill)
            : each.matches(".band, .frame") || [fill, stroke].some(c => c === text || c === mark)
        if (!fine) faint.push(`${each.localName}.${each.getAttribute("class")} ${fill} ${stroke}`)
    }
    return [canvas !== text, faint]
}"""


@pytest.mark.parametrize("kind", PAGE_TYPES)
def test_at_400_percent_zoom_only_code_tables_and_diagrams_scroll_sideways(visit, kind):
    page = visit(PAGE_TYPES[kind], width=320, height=256)
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    assert page.evaluate(WIDER, MAY_SCROLL) == []


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("kind", PAGE_TYPES)
def test_wide_text_spacing_clips_nothing(visit, kind, width):
    page = visit(PAGE_TYPES[kind], width=width)
    page.evaluate(SPACING)
    assert page.evaluate(CLIPPED) == []
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_the_check_of_clipping_sees_what_is_clipped(visit):
    page = visit("/")
    page.evaluate("document.querySelector('h1').style.cssText = 'height: 1em; overflow: hidden'")
    assert any(each.startswith("h1") for each in page.evaluate(CLIPPED))


@pytest.mark.parametrize("kind", ["home", "topic", "map", "review", "offline"])
def test_nothing_moves_for_readers_who_ask_for_less_motion(visit, kind):
    page = visit(PAGE_TYPES[kind])
    assert page.evaluate(SLOW) == []
    page.keyboard.press("/")
    page.keyboard.type("cache")
    page.locator(".md-search-result__item").first.wait_for()
    assert page.evaluate("document.getAnimations().length") == 0
    page.keyboard.press("Escape")
    page.set_viewport_size({"width": 360, "height": 900})
    page.get_by_role("button", name="Navigation", exact=True).click()
    expect(page.get_by_role("button", name="Close navigation")).to_be_focused()
    assert page.evaluate("document.getAnimations().length") == 0


def test_the_check_of_motion_sees_motion(visit):
    page = visit("/")
    page.emulate_media(reduced_motion="no-preference")
    try:
        assert page.evaluate(SLOW) != []
    finally:
        page.emulate_media(reduced_motion="reduce")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("kind", ["topic", "review", "interview", "progress", "offline"])
def test_in_forced_colors_every_control_is_still_drawn(visit, kind, scheme):
    page = visit(PAGE_TYPES[kind], width=1280, height=3000, scheme=scheme)
    page.emulate_media(forced_colors="active")
    page.keyboard.press("Shift")  # the sign of a reader that a topic page waits for
    page.locator(":is(.tool, .topic-read) :is(button, input):visible").first.wait_for()
    page.wait_for_load_state("networkidle")
    controls = page.evaluate(CONTROLS)
    assert len(controls) > 5
    blank = []
    for name in controls:
        picture = base64.b64encode(page.screenshot(clip=page.evaluate(BOX, name))).decode()
        if page.evaluate(RANGE, picture) < 128:
            blank.append(name)
    assert blank == []


@pytest.mark.parametrize("path", ["/diagrams/http/", "/diagrams/databases/", "/topics/map/"])
def test_in_forced_colors_diagrams_are_drawn_in_the_colors_of_text(visit, path):
    page = visit(path)
    page.emulate_media(forced_colors="active")
    differs, faint = page.evaluate(FAINT)
    assert differs
    assert faint == []
