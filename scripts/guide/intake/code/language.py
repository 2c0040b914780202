"""The language of a code block whose label is missing, foreign or wrong.

Whole texts of an unmistakable form come first (`language_shapes`), then the signs of each language
are weighed (`language_signs`), and the parsers of `guide.languages` decide between the likeliest.
What remains in doubt is left unsaid: a wrong label misleads, a missing one does not.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

from guide.intake.code.language_foreign import FOREIGN_SIGNS
from guide.intake.code.language_names import foreign_language, named_language
from guide.intake.code.language_shapes import certain_shape, is_json, picture_or_output, yaml_score
from guide.intake.code.language_signs import SIGNS, scores
from guide.languages import LANGUAGES, verify

_CONTENDERS = 3
"""Languages whose parsers are asked."""
_LEAST = 2.0
"""The score below which signs mean nothing."""
_LONGEST_PARSED = 20_000
"""Characters of a text that a parser is asked about; of a longer one, its signs must do."""
_PARSED = 2.0
"""What it adds to a score that the text parses."""
_UNPARSED = 0.4
"""The part of its score that a language keeps whose parser refuses the text."""
_MOST_UNPARSED = 4.0
"""What that comes to at most: another language within a program has many signs as well."""
_LITTLE = 0.5
"""What it adds where the parser takes most texts."""
_ENOUGH = 3.0
"""The score from which a language is named."""
_MARGIN = 1.0
"""How far the best must be ahead of the second."""
_FOREIGN_LEAST = 3.0
"""The score from which a language that the guide does not know is considered."""
_FOREIGN_RIVAL = 0.7
"""The part of the best score from which it casts doubt on that."""
_PLENTY = 10.0
"""The score of signs alone, with a strict parser's consent, that leaves no doubt."""
_TYPES = 3.0
"""How far TypeScript must be ahead of JavaScript where neither parses."""
_STRONG = 0.75
"""The confidence from which an inference overrules a label."""
_CERTAIN = 0.9
"""The confidence from which it overrules one whose parser takes most texts."""
_LENIENT = frozenset({"bash", "yaml"})
"""Their parsers take most texts, so that it proves little that they do."""
_LOOK_ALIKE = frozenset({"java"})
"""Languages whose parser takes much of another one: Java's takes C#."""
_SCRIPTS = frozenset({"javascript", "typescript"})
_ANYTHING = frozenset({"console", "markdown", "output"})
"""Labels that no content contradicts."""
_FORMS_OF_TEXT = _ANYTHING | {"text", "mermaid"}
_SUBSETS = frozenset({("yaml", "json"), ("yaml", "jsonl"), ("jsonl", "json")})
"""Labels, and languages whose texts are in the labelled language as well."""
_QUOTED_KEY = re.compile(r"\"\s*:")
_MISLABELLED = frozenset(
    {
        *((script, shape) for script in _SCRIPTS for shape in ("http", "json")),
        *(("bash", shape) for shape in ("console", "http", "json", "jsonl")),
    }
)
"""Labels, and forms that contradict them although the labelled language can be parsed."""


@dataclass(frozen=True, slots=True)
class Guess:
    """What language a block is in, how sure that is (0 to 1), and why, for a report.

    `language` is a canonical name of `guide.languages`; None if the block is in a language that
    the guide does not know, or in doubt.
    """

    language: str | None
    confidence: float
    reason: str


@dataclass(frozen=True, slots=True)
class _Contender:
    language: str
    score: float
    parses: bool


def infer_language(code: str, label: str = "") -> Guess:
    """Return the language of `code`, which its document labels as `label` (empty if it does not).

    A label is kept unless its language cannot be parsed out of the code and another one can.
    """
    # Parsers refuse a lone carriage return and half of a surrogate pair, or fail on them.
    code = code.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "replace").decode()
    if not label.strip():
        return _infer(code)
    named = named_language(label)
    if named is None:
        foreign = foreign_language(label)
        if foreign is not None:
            return Guess(None, 0.95, f"labelled {foreign}, which the guide does not know")
        return _infer(code)
    if not code.strip():
        return Guess(named, 0.5, "as labelled; the block is empty")
    contradiction = _contradiction(code, named)
    if contradiction is not None:
        return contradiction
    return Guess(named, 0.95, "as labelled")


@functools.cache
def _infer(code: str) -> Guess:
    """What `code` itself says; asked for again to see whether a label contradicts it."""
    if not code.strip():
        return Guess(None, 0.0, "the block is empty")
    shape = certain_shape(code)
    if shape is not None:
        return Guess(shape.language, shape.confidence, shape.reason)
    own = {**scores(code, SIGNS), "yaml": yaml_score(code)}
    # Whatever is JavaScript is TypeScript as well; the signs of that are only those of types.
    own["typescript"] += own["javascript"]
    contenders = _contenders(own, code)
    best = contenders[0] if contenders else None
    raw = own[best.language] if best is not None else 0.0
    if best is None or not _is_beyond_doubt(best, raw):
        title, foreign = next(iter(scores(code, FOREIGN_SIGNS).items()))
        if foreign >= max(raw, _FOREIGN_LEAST):
            return Guess(None, 0.9, f"looks like {title}, which the guide does not know")
        if best is not None and foreign >= max(_FOREIGN_LEAST, raw * _FOREIGN_RIVAL):
            return Guess(None, 0.3, f"{LANGUAGES[best.language].title} or {title}")
    if best is None or best.score < _ENOUGH or _is_weak(best):
        drawn = picture_or_output(code)
        if drawn is not None:
            return Guess(drawn.language, drawn.confidence, drawn.reason)
    if best is None or best.score < _ENOUGH:
        return Guess(None, 0.1, "too few signs of any language")
    second = contenders[1] if len(contenders) > 1 else None
    if second is not None and best.score - second.score < _MARGIN:
        titles = " or ".join(LANGUAGES[each.language].title for each in (best, second))
        return Guess(None, 0.3, titles)
    return _said(best)


def _is_beyond_doubt(best: _Contender, raw: float) -> bool:
    """Return whether no language that the guide does not know needs to be considered."""
    strict = best.parses and best.language not in _LENIENT and not LANGUAGES[best.language].exempt
    return strict and raw >= _PLENTY and best.language not in _LOOK_ALIKE


def _is_weak(best: _Contender) -> bool:
    return best.score < _ENOUGH + _PARSED and (best.language in _LENIENT or not best.parses)


def _said(best: _Contender) -> Guess:
    title = LANGUAGES[best.language].title
    if not best.parses:
        return Guess(best.language, 0.6, f"looks like {title}, but does not parse")
    confidence = 0.6 + 0.05 * min(best.score - _ENOUGH, 7.0)
    verb = "looks like" if LANGUAGES[best.language].exempt else "parses as"
    return Guess(best.language, confidence, f"{verb} {title} and has its signs")


def _contenders(own: dict[str, float], code: str) -> list[_Contender]:
    """Return the likeliest languages, the likeliest first, after their parsers were asked."""
    likely = sorted(own, key=lambda each: -own[each])
    names = [each for each in likely if own[each] >= _LEAST][:_CONTENDERS]
    found: list[_Contender] = []
    for name in names:
        # Parsers cost more than signs: none is asked whose language cannot catch up.
        most = max((each.score for each in found if each.language not in _SCRIPTS), default=0.0)
        if own[name] + _PARSED + _MARGIN >= most:
            found.append(_contender(name, own[name], code))
    scripts = {each.language: each for each in found if each.language in _SCRIPTS}
    if len(scripts) == 2:
        plain, typed = scripts["javascript"], scripts["typescript"]
        loser = plain if _is_typed(plain, typed, own) else typed
        found.remove(loser)
    return sorted(found, key=lambda each: -each.score)


def _is_typed(plain: _Contender, typed: _Contender, own: dict[str, float]) -> bool:
    if plain.parses != typed.parses:
        return typed.parses
    return not plain.parses and own["typescript"] - own["javascript"] >= _TYPES


def _contender(language: str, score: float, code: str) -> _Contender:
    if LANGUAGES[language].exempt or len(code) > _LONGEST_PARSED:
        return _Contender(language, score, True)
    if not _parses(language, code):
        return _Contender(language, min(score * _UNPARSED, _MOST_UNPARSED), False)
    return _Contender(language, score + (_LITTLE if language in _LENIENT else _PARSED), True)


def _parses(language: str, code: str) -> bool:
    if language == "json":
        return is_json(code)
    if LANGUAGES[language].module == "treesitter":
        from guide.languages import treesitter

        return treesitter.parses(language, code)
    return not verify(language, code, is_part=True)


def _contradiction(code: str, named: str) -> Guess | None:
    """Return what code is instead of the language that its label names; None if it may be that."""
    if named in _ANYTHING:
        return None
    shape = certain_shape(code)
    if shape is not None and (named, shape.language) in _MISLABELLED:
        if shape.language != "json" or _has_quoted_key(code):
            return Guess(shape.language, shape.confidence, f"labelled {named}, but {shape.reason}")
        return None
    needed = _STRONG
    too_long = len(code) > _LONGEST_PARSED
    if not LANGUAGES[named].exempt and (too_long or _parses(named, code)):
        if named not in _LENIENT:
            return None
        needed = _CERTAIN
    guess = _infer(code)
    if guess.language is None or guess.confidence < needed:
        return None
    if guess.language == "json" and not _has_quoted_key(code):
        return None
    if guess.language == named or (named, guess.language) in _SUBSETS:
        return None
    if named in _FORMS_OF_TEXT and guess.language in _FORMS_OF_TEXT:
        return None
    return Guess(guess.language, guess.confidence, f"labelled {named}, but {guess.reason}")


def _has_quoted_key(code: str) -> bool:
    """Return whether JSON holds a member: a bare list is one in most languages."""
    return _QUOTED_KEY.search(code) is not None
