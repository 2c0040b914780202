"""What has the focus, as a reader at the keyboard sees it: where, how much of it, how marked."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import FloatRect, Page

ROOM = 7
"""Pixels around an element in which the mark of the focus may be drawn."""
FRAMES = 30
"""The time that scrolling to what has the focus may take."""

# An input that only its label shows is where that label is. Of nine points on what lies inside the
# window, `seen` are not covered by something else.
_LOOK = """() => {
    const element = document.activeElement
    if (!element || element === document.body) return null
    // Of a link that goes over several lines the longest piece: the browser shows that one.
    const box = each => [...each.getClientRects()].sort((a, b) => b.width - a.width)[0] ??
        each.getBoundingClientRect()
    const unseen = each => {
        const { width, height } = box(each)
        return width < 2 || height < 2 || getComputedStyle(each).opacity === "0"
    }
    const labels = [...(element.labels ?? []), element.nextElementSibling]
    const label = unseen(element) && labels.find(each => each && !unseen(each))
    const shown = label || element
    const { left, top, right, bottom } = box(shown)
    const drawing = shown instanceof SVGElement
    const own = each => each && (shown.contains(each) || element.contains(each) ||
        (drawing && each.matches("svg") && each.contains(shown)) ||
        [...(element.labels ?? [])].some(label => label.contains(each)))
    const [x, y] = [Math.max(0, left), Math.max(0, top)]
    const [width, height] = [Math.min(innerWidth, right) - x, Math.min(innerHeight, bottom) - y]
    const parts = [0.1, 0.5, 0.9]
    const points = parts.flatMap(a => parts.map(b => [x + width * a, y + height * b]))
    const place = []
    for (const each of [element, element.parentElement]) {
        const names = [...each.classList].filter(name => !/^md-nav__item|--|^focus/.test(name))
        place.push([each.localName, ...names].join("."))
    }
    return {
        kind: place.join(" in "),
        name: (element.getAttribute("aria-label") || element.textContent || "").trim().slice(0, 50),
        box: [x, y, width, height],
        seen: points.filter(point => own(document.elementFromPoint(...point))).length,
    }
}"""
_BLUR = "document.activeElement.blur()"
_REFOCUS = "element => element.focus()"
_PAINTED = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"

# How many pixels of two pictures differ, and differ with a contrast of at least 3 to 1.
_DIFFERENCE = """async pictures => {
    const read = async text => {
        const bytes = Uint8Array.from(atob(text), each => each.charCodeAt(0))
        const image = await createImageBitmap(new Blob([bytes], { type: "image/png" }))
        const context = new OffscreenCanvas(image.width, image.height).getContext("2d")
        context.drawImage(image, 0, 0)
        return context.getImageData(0, 0, image.width, image.height).data
    }
    const linear = value => value <= 10 ? value / 3294.6 : ((value / 255 + 0.055) / 1.055) ** 2.4
    const light = (data, at) =>
        0.2126 * linear(data[at]) + 0.7152 * linear(data[at + 1]) + 0.0722 * linear(data[at + 2])
    const [one, other] = await Promise.all(pictures.map(read))
    let strong = 0
    for (let at = 0; at < one.length; at += 4) {
        const [a, b] = [light(one, at), light(other, at)]
        if ((Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05) >= 3) strong += 1
    }
    return strong
}"""


@dataclass(frozen=True, slots=True)
class Stop:
    """An element that has the focus: what kind it is, its box in the window, how much is seen."""

    kind: str
    name: str
    box: tuple[float, float, float, float]
    seen: int

    @property
    def is_seen(self) -> bool:
        """At least a third of it is on show."""
        return self.box[2] > 0 and self.box[3] > 0 and self.seen >= 3


def walk(page: Page, limit: int) -> Iterator[Stop]:
    """Press Tab until the focus leaves the page, `limit` times at most."""
    for _ in range(limit):
        page.keyboard.press("Tab")
        stop = _settled(page)
        if stop is None:
            return
        yield stop


def mark(page: Page, stop: Stop) -> tuple[int, int]:
    """Pixels that the focus changes with a contrast of 3 to 1, and those of a line around it."""
    size = page.viewport_size or {"width": 0, "height": 0}
    x, y = max(0, stop.box[0] - ROOM), max(0, stop.box[1] - ROOM)
    clip: FloatRect = {
        "x": x,
        "y": y,
        "width": min(size["width"], stop.box[0] + stop.box[2] + ROOM) - x,
        "height": min(size["height"], stop.box[1] + stop.box[3] + ROOM) - y,
    }
    element = page.evaluate_handle("document.activeElement")
    pictures = [page.screenshot(clip=clip, caret="hide")]
    page.evaluate(_BLUR)
    page.evaluate(_PAINTED)
    pictures.append(page.screenshot(clip=clip, caret="hide"))
    element.evaluate(_REFOCUS)
    changed: int = page.evaluate(
        _DIFFERENCE, [base64.b64encode(each).decode() for each in pictures]
    )
    return changed, round(clip["width"] + clip["height"])


def _settled(page: Page) -> Stop | None:
    """What has the focus, once it is on show; if it never is, after so many frames."""
    for _ in range(FRAMES):
        stop = _look(page)
        if stop is None or stop.is_seen:
            return stop
        page.evaluate(_PAINTED)
    return _look(page)


def _look(page: Page) -> Stop | None:
    found: dict[str, Any] | None = page.evaluate(_LOOK)
    return found and Stop(found["kind"], found["name"], tuple(found["box"]), found["seen"])
