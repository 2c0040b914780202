"""Nearest neighbors: exact, by clusters (IVF), by graph (HNSW); then hybrid search."""

import heapq
import math
import random
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable

Vector = tuple[float, ...]
Links = dict[int, list[int]]
SIZE, DIMENSIONS, NEAREST, QUERIES = 3000, 24, 10, 40
calls = 0


def distance(a: Vector, b: Vector) -> float:
    """Euclidean distance that counts how often it is asked."""
    global calls
    calls += 1
    return math.dist(a, b)


# --8<-- [start:show]
def exact(vectors: list[Vector], query: Vector, k: int) -> list[int]:
    return heapq.nsmallest(
        k, range(len(vectors)), key=lambda n: distance(query, vectors[n])
    )


def ivf(index: "Ivf", query: Vector, k: int, probes: int) -> list[int]:
    """Compare with the centers, then only with members of the nearest cells."""
    cells = exact(index.centers, query, probes)
    members = [n for cell in cells for n in index.cells[cell]]
    at = index.vectors
    return heapq.nsmallest(k, members, key=lambda n: distance(query, at[n]))


def walk(
    vectors: list[Vector], links: Links, query: Vector, starts: list[int], ef: int
) -> list[int]:
    """Nearest first; stop when the next is worse than all of the ef best."""
    seen = set(starts)
    ahead = [(distance(query, vectors[n]), n) for n in starts]
    best = [(-d, n) for d, n in ahead]  # a heap with the worst on top
    heapq.heapify(ahead)
    heapq.heapify(best)
    while ahead:
        d, node = heapq.heappop(ahead)
        if len(best) >= ef and d > -best[0][0]:
            break
        for near in links[node]:
            if near in seen:
                continue
            seen.add(near)
            d = distance(query, vectors[near])
            if len(best) < ef or d < -best[0][0]:
                heapq.heappush(ahead, (d, near))
                heapq.heappush(best, (-d, near))
                if len(best) > ef:
                    heapq.heappop(best)
    return [n for _, n in sorted((-d, n) for d, n in best)]


def hnsw(index: "Hnsw", query: Vector, k: int, ef: int) -> list[int]:
    """Greedy from the sparse top layer down, then a wide walk over all nodes."""
    starts = [index.entry]
    for links in reversed(index.layers[1:]):
        starts = walk(index.vectors, links, query, starts, ef=1)
    return walk(index.vectors, index.layers[0], query, starts, max(ef, k))[:k]


def fuse(*rankings: list[str], k: int = 60) -> list[str]:
    """Reciprocal rank fusion: ranks add up, scores of different kinds cannot."""
    scores: dict[str, float] = defaultdict(float)
    for ranking in rankings:
        for rank, doc in enumerate(ranking, start=1):
            scores[doc] += 1 / (k + rank)
    return sorted(scores, key=lambda doc: (-scores[doc], doc))


# --8<-- [end:show]


class Ivf:
    """k-means cells: each vector belongs to its nearest center."""

    def __init__(self, vectors: list[Vector], cells: int) -> None:
        self.vectors = vectors
        self.centers = random.Random(5).sample(vectors, cells)
        for _ in range(5):
            self.cells: list[list[int]] = [[] for _ in self.centers]
            for n, vector in enumerate(vectors):
                (cell,) = exact(self.centers, vector, 1)
                self.cells[cell].append(n)
            self.centers = [
                tuple(math.fsum(axis) / len(cell) for axis in zip(*at, strict=True))
                if (at := [vectors[n] for n in cell])
                else center
                for cell, center in zip(self.cells, self.centers, strict=True)
            ]


class Hnsw:
    """Every node is on layer 0; each layer above holds about one in `links`."""

    def __init__(self, vectors: list[Vector], links: int, effort: int) -> None:
        self.vectors, self.links, self.effort = vectors, links, effort
        self.layers: list[Links] = []
        self.entry = 0
        draw = random.Random(11)
        for node in range(len(vectors)):
            level = int(-math.log(1 - draw.random()) / math.log(links))
            self.insert(node, level)

    def insert(self, node: int, level: int) -> None:
        query, starts = self.vectors[node], [self.entry]
        for layer in reversed(range(len(self.layers))):
            links = self.layers[layer]
            ef = self.effort if layer <= level else 1
            starts = walk(self.vectors, links, query, starts, ef)
            if layer > level:
                continue
            most = self.links * (2 if layer == 0 else 1)
            links[node] = self.choose(node, starts, self.links)
            for near in links[node]:
                links[near].append(node)
                if len(links[near]) > most:
                    links[near] = self.choose(near, links[near], most)
        while len(self.layers) <= level:
            self.layers.append({node: []})
            self.entry = node

    def choose(self, node: int, candidates: Iterable[int], most: int) -> list[int]:
        """Prefer links in different directions over the very nearest ones."""
        at = self.vectors[node]
        ordered = sorted((distance(at, self.vectors[n]), n) for n in candidates)
        kept: list[int] = []
        for d, n in ordered:
            if all(d < distance(self.vectors[n], self.vectors[o]) for o in kept):
                kept.append(n)
        return (kept + [n for _, n in ordered if n not in kept])[:most]


def clustered(draw: random.Random) -> Callable[[], Vector]:
    """Vectors around 60 topics, as embeddings are: near each other in groups."""
    topics = [[draw.uniform(-1, 1) for _ in range(DIMENSIONS)] for _ in range(60)]
    return lambda: tuple(x + draw.gauss(0, 0.6) for x in draw.choice(topics))


def compare() -> None:
    new = clustered(random.Random(7))
    vectors = [new() for _ in range(SIZE)]
    queries = [new() for _ in range(QUERIES)]
    cells, graph = Ivf(vectors, cells=50), Hnsw(vectors, links=8, effort=40)
    truth = [set(exact(vectors, query, NEAREST)) for query in queries]

    def measure(name: str, search: Callable[[Vector], list[int]]) -> None:
        global calls
        calls = 0
        found = [search(query) for query in queries]
        hits = sum(len(t & set(f)) for t, f in zip(truth, found, strict=True))
        recall, cost = hits / (QUERIES * NEAREST), calls / QUERIES
        print(f"{name:22}{recall:9.3f}{cost:12.0f}")

    print(f"{f'{SIZE} vectors':22}{'recall@10':>9}{'distances':>12}")
    measure("exact", lambda q: exact(vectors, q, NEAREST))
    for probes in (1, 4, 10):
        measure(
            f"IVF, {probes} of 50 cells", lambda q, p=probes: ivf(cells, q, NEAREST, p)
        )
    for ef in (10, 40, 100):
        measure(f"HNSW, ef {ef}", lambda q, ef=ef: hnsw(graph, q, NEAREST, ef))

    print("\n60 of them belong to tenant b      found of 10")
    own = {n for n in range(SIZE) if n % 50 == 7}

    def count(name: str, search: Callable[[Vector], list[int]]) -> None:
        found = sum(len(own & set(search(query))) for query in queries)
        print(f"{name:31}{found / QUERIES:12.1f}")

    count("top 10, then filter", lambda q: hnsw(graph, q, 10, 40))
    count("top 100, then filter", lambda q: hnsw(graph, q, 100, 100))
    theirs = sorted(own)

    def filtered(query: Vector) -> list[int]:
        return [theirs[n] for n in exact([vectors[n] for n in theirs], query, 10)]

    count("filter, then exact", filtered)


DOCS = {
    "address": "Change where the parcel goes until it ships",
    "delivery": "Parcels arrive in three days, express on the next",
    "error-4012": "Error E4012: the card issuer declined",
    "error-4021": "Error E4021: the session expired, sign in again",
    "invoice": "Download the invoice as PDF",
    "password": "A forgotten password is reset by mail",
    "refund": "Your money is on the card five days after the goods are back",
    "returns": "Send goods back within 30 days",
}
TOPICS = (  # a toy embedding: one axis a row; a real model learns them
    "parcel parcels ships express arrive package delivered",
    "days three five next long within",
    "error e4012 e4021 failed code",
    "card issuer payment paid",
    "declined rejected refused",
    "session sign password forgotten login",
    "invoice pdf bill receipt",
    "money refund reimbursed",
    "send goods back return",
)
JUDGED = {  # question: the document that answers it
    "E4012": "error-4012",
    "payment rejected": "error-4012",
    "when am I reimbursed": "refund",
    "forgotten password": "password",
    "how long is a package on its way": "delivery",
    "reset": "password",
    "I am reimbursed for a lost parcel": "refund",
}


def words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", text.lower())


def embed(text: str) -> Vector:
    axes = [sum(word in row.split() for word in words(text)) for row in TOPICS]
    length = math.hypot(*axes) or 1.0
    return tuple(x / length for x in axes)


def dot(a: Vector, b: Vector) -> float:
    return math.fsum(x * y for x, y in zip(a, b, strict=True))


def ranked(scores: dict[str, float]) -> list[str]:
    hits = [doc for doc, score in scores.items() if score > 0]
    return sorted(hits, key=lambda doc: (-scores[doc], doc))


def by_words(query: str) -> list[str]:
    spread = Counter(word for text in DOCS.values() for word in set(words(text)))
    return ranked(
        {
            doc: sum(1 / spread[w] for w in set(words(query)) & set(words(text)))
            for doc, text in DOCS.items()
        }
    )


def by_vector(query: str) -> list[str]:
    asked = embed(query)
    return ranked({doc: dot(asked, embed(text)) for doc, text in DOCS.items()})


def evaluate() -> None:
    rankers: dict[str, Callable[[str], list[str]]] = {
        "words": by_words,
        "vectors": by_vector,
        "fused": lambda query: fuse(by_words(query), by_vector(query)),
    }
    print("\nrank of the right answer        ", *(f"{name:>8}" for name in rankers))
    total = [0.0] * len(rankers)
    for query, answer in JUDGED.items():
        places = []
        for n, rank in enumerate(rankers.values()):
            found = rank(query)
            place = found.index(answer) + 1 if answer in found else 0
            places.append(str(place) if place else "-")
            total[n] += 1 / place if place else 0
        print(f"{query:32}", *(f"{place:>8}" for place in places))
    print(f"{'MRR':32}", *(f"{value / len(JUDGED):8.2f}" for value in total))


def main() -> None:
    compare()
    evaluate()


if __name__ == "__main__":
    main()
