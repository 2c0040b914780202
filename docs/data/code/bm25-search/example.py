"""A small search engine: analysis, inverted index, BM25, phrases, typos, facets."""

import math
import re
import unicodedata
from bisect import bisect_left
from collections import Counter, defaultdict
from itertools import takewhile
from typing import NamedTuple


class Product(NamedTuple):
    brand: str
    kind: str
    title: str
    body: str


PRODUCTS = {
    1: Product("Alto", "shoes", "Trail running shoes", "Grip for wet rock."),
    2: Product("Alto", "shoes", "Road running shoes", "Soft shoes for the city."),
    3: Product(
        "Nord",
        "shoes",
        "Waterproof hiking shoes",
        "A sturdy waterproof shoe for long days in wet hills.",
    ),
    4: Product(
        "Nord",
        "socks",
        "Running socks",
        "Running, running, running: socks for running and for more running.",
    ),
    5: Product("Alto", "jackets", "Rain jacket", "A waterproof jacket for runners."),
    6: Product("Nord", "jackets", "Down jacket", "Warm and light. Not waterproof."),
    7: Product("Nord", "tents", "Tent for two", "Waterproof fly, aluminium poles."),
    8: Product(
        "Alto",
        "books",
        "Gift guide",
        "From tents to shoes: a waterproof map, a warm hat, socks, a stove, a"
        " lamp, a bag, and a voucher for running shoes she may choose later.",
    ),
    9: Product("Nord", "care", "Shoe wax", "Makes leather shoes waterproof again."),
    10: Product("Alto", "shoes", "Café clogs", "Shoes for a slow day."),
    11: Product("Nord", "books", "Running wild", "A novel about a horse and rain."),
}

STOP = re.compile(r"a|about|again|and|at|for|from|in|may|of|not|she|the|to")


# --8<-- [start:show]
def analyze(text: str) -> list[str]:
    """Fold accents and case, split, drop stop words, cut endings."""
    folded = unicodedata.normalize("NFKD", text.lower())
    words = re.findall(r"[a-z0-9]+", re.sub(r"[\u0300-\u036f]", "", folded))
    return [stem(word) for word in words if not STOP.fullmatch(word)]


def stem(word: str) -> str:
    """A toy: running, runners -> run; shoes -> shoe. Real ones know exceptions."""
    word = re.sub(r"(?<=[a-z]{3})(s|ings?|ers?)$", "", word)
    return re.sub(r"([mnpt])\1$", r"\1", word)


class Index:
    def __init__(self, texts: dict[int, str]) -> None:
        self.postings: dict[str, dict[int, list[int]]] = defaultdict(dict)
        self.length: dict[int, int] = {}
        for doc, text in texts.items():
            terms = analyze(text)
            self.length[doc] = len(terms)
            for position, term in enumerate(terms):
                self.postings[term].setdefault(doc, []).append(position)
        self.terms = sorted(self.postings)
        self.average = sum(self.length.values()) / len(texts)

    def bm25(self, query: str, k1: float = 1.2, b: float = 0.75) -> Counter[int]:
        scores: Counter[int] = Counter()
        for term in analyze(query):
            found = self.postings.get(term, {})
            absent = len(self.length) - len(found)
            rarity = math.log(1 + (absent + 0.5) / (len(found) + 0.5))
            for doc, positions in found.items():
                long = 1 - b + b * self.length[doc] / self.average
                scores[doc] += rarity * len(positions) / (len(positions) + k1 * long)
        return scores

    def phrase(self, text: str) -> list[int]:
        """Documents in which the terms stand one right after the other."""
        lists = [self.postings.get(term, {}) for term in analyze(text)] or [{}]
        return [
            doc
            for doc in sorted(set.intersection(*map(set, lists)))
            if any(
                all(start + n in later[doc] for n, later in enumerate(lists))
                for start in lists[0][doc]
            )
        ]

    def prefix(self, start: str) -> list[str]:
        """The dictionary is sorted: one seek, then read on."""
        rest = self.terms[bisect_left(self.terms, start) :]
        return list(takewhile(lambda term: term.startswith(start), rest))


# --8<-- [end:show]

Scores = Counter[int]
JUDGED = {
    "running shoes": {1: 3, 2: 3, 3: 1},
    "waterproof shoes": {3: 3, 9: 1, 1: 1},
    "waterproof map": {8: 3},
    "rain shoes": {3: 3, 1: 2},
}


def counts(index: Index, query: str) -> Scores:
    """What BM25 replaces: how often do the query's words occur?"""
    scores: Scores = Counter()
    for term in analyze(query):
        for doc, positions in index.postings.get(term, {}).items():
            scores[doc] += len(positions)
    return scores


def ranked(scores: dict[int, float]) -> list[int]:
    return sorted(scores, key=lambda doc: (-scores[doc], doc))


def ndcg(ranking: list[int], grades: dict[int, int], k: int = 3) -> float:
    """Gain 2^grade - 1, discounted by rank, as a share of the best order's."""

    def dcg(values: list[int]) -> float:
        return sum((2**g - 1) / math.log2(n + 2) for n, g in enumerate(values[:k]))

    best = dcg(sorted(grades.values(), reverse=True))
    return dcg([grades.get(doc, 0) for doc in ranking]) / best


def one_edit(a: str, b: str) -> bool:
    """One letter replaced, added, left out, or two neighbors swapped."""
    same = sum(
        1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(a, b, strict=False))
    )
    a, b = a[same:], b[same:]
    swapped = b[1:2] + b[:1] + b[2:]
    return a[1:] == b[1:] or a[1:] == b or a == b[1:] or a == swapped


def facets(docs: list[int], chosen: dict[str, str]) -> dict[str, Counter[str]]:
    """Count each field under the filters of the other fields only."""
    counted = {}
    for field in ("brand", "kind"):
        others = {name: value for name, value in chosen.items() if name != field}
        counted[field] = Counter(
            getattr(PRODUCTS[doc], field)
            for doc in docs
            if all(getattr(PRODUCTS[doc], n) == v for n, v in others.items())
        )
    return counted


def show(scores: Scores, digits: int) -> str:
    return "  ".join(f"{doc}: {scores[doc]:.{digits}f}" for doc in ranked(scores)[:5])


def main() -> None:
    index = Index({n: f"{p.title} {p.body}" for n, p in PRODUCTS.items()})
    titles = Index({n: p.title for n, p in PRODUCTS.items()})
    print("analysis       Running SHOES, again at the café ->", end=" ")
    print(*analyze("Running SHOES, again at the café"))
    print(
        "run is in     ",
        *(f"{d} x{len(at)}" for d, at in index.postings["run"].items()),
    )

    print("\n'running shoes', product: score")
    print("word counts   ", show(counts(index, "running shoes"), 0))
    print("BM25          ", show(index.bm25("running shoes"), 2))
    print("as a phrase   ", *index.phrase("running shoes"))
    print("prefix wa     ", *index.prefix("wa"))
    typo = stem("sheos")
    print("sheos         ", *(term for term in index.terms if one_edit(typo, term)))

    docs = sorted(index.bm25("shoes"))
    print("\n'shoes', brand Alto chosen")
    for field, values in facets(docs, {"brand": "Alto"}).items():
        print(f"{field:14}", *(f"{v} {n}" for v, n in sorted(values.items())))

    rankers = {
        "counts": lambda query: counts(index, query),
        "BM25": index.bm25,
        "+ title": lambda query: index.bm25(query) + titles.bm25(query),
    }
    print("\nnDCG@3           ", *(f"{name:>8}" for name in rankers))
    total = [0.0] * len(rankers)
    for query, grades in JUDGED.items():
        values = [ndcg(ranked(rank(query)), grades) for rank in rankers.values()]
        total = [a + b for a, b in zip(total, values, strict=True)]
        print(f"{query:17}", *(f"{value:8.2f}" for value in values))
    print(f"{'mean':17}", *(f"{value / len(JUDGED):8.2f}" for value in total))


if __name__ == "__main__":
    main()
