"""Addresses of other sites that cannot work as written, or should not be written so."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from defects.registry import defect
from defects.tree import Injection, Tree, add_sentence, choose, replace_match

FAMILY = "urls"

_SENTENCES: dict[str, tuple[str, ...]] = {
    "url-autolink-scheme": ("See <htps://www.rfc-editor.org/rfc/rfc9110>.", "<htttp://nginx.org/>"),
    "url-localhost": (
        "Open [the methods page](http://localhost:8000/http/http-methods/).",
        "See [CORS](http://127.0.0.1:8000/security/cors/).",
    ),
    "url-no-scheme": (
        "See [the standard](www.rfc-editor.org/rfc/rfc9110).",
        "See [nginx](nginx.org/en/docs/).",
    ),
    "url-scheme-misspelt": (
        "See [the standard](htps://www.rfc-editor.org/rfc/rfc9110).",
        "See [the standard](https//www.rfc-editor.org/rfc/rfc9110).",
        "See [the standard](https:www.rfc-editor.org/rfc/rfc9110).",
        "See [the standard](https:/www.rfc-editor.org/rfc/rfc9110).",
    ),
    "url-host-malformed": (
        "See [the standard](https://www..rfc-editor.org/rfc/rfc9110).",
        "See [the standard](https:///rfc-editor.org/rfc/rfc9110).",
        "See [the standard](https://www.rfc_editor/rfc9110).",
        "See [the standard](https://https://www.rfc-editor.org/rfc/rfc9110).",
        "See [the standard](https://www,rfc-editor.org/rfc/rfc9110).",
    ),
    "url-space": (
        "See [the standard](https://www.rfc-editor.org/rfc/rfc 9110).",
        "See [the standard](https://www.rfc-editor.org/ rfc/rfc9110).",
    ),
    "url-bare": (
        "See https://www.rfc-editor.org/rfc/rfc9110 for more.",
        "More at https://nginx.org/en/docs/.",
    ),
    "url-tracking": (
        "See [nginx](https://nginx.org/en/docs/?utm_source=newsletter&utm_medium=email).",
    ),
    "url-script": ("Press [print](javascript:window.print()).", "See [x](file:///etc/hosts)."),
}


def _sentence(variants: Sequence[str]) -> Callable[[random.Random, Tree], Injection]:
    return lambda rng, tree: add_sentence(rng, tree.topics, rng.choice(variants))


for _name, _variants in _SENTENCES.items():
    defect(FAMILY, _name)(_sentence(_variants))


@defect(FAMILY, "url-insecure")
def insecure(rng: random.Random, tree: Tree) -> Injection:
    """A link to another site loses its `s`."""
    page, (row, match) = choose(
        rng, tree.topics, lambda each: each.find(r"\]\((?P<scheme>https)://", "prose", "list")
    )
    return replace_match(page, row, match, "http", group="scheme")


@defect(FAMILY, "url-existing-scheme-misspelt")
def existing_scheme(rng: random.Random, tree: Tree) -> Injection:
    """A letter of an existing link's scheme is lost."""
    page, (row, match) = choose(
        rng, tree.topics, lambda each: each.find(r"\]\((?P<scheme>https)://", "prose", "list")
    )
    wrong = rng.choice(("ttps", "htps", "httsp", "hhttps"))
    return replace_match(page, row, match, wrong, group="scheme")
