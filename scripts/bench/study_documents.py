"""Study documents of any size, the same for the same seed, with what a person would count in them.

Each question is put together from parts: who asks what about which subject, paragraphs, a list, a
table, code with or without a label, a diagram. Numbers make every sentence another one, so that
nothing in a document says the same twice.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

_SUBJECTS = (
    "a B-tree index",
    "the write-ahead log",
    "connection pooling",
    "a read replica",
    "consistent hashing",
    "an idempotency key",
    "the outbox pattern",
    "a circuit breaker",
    "token buckets",
    "optimistic locking",
    "a message broker",
    "the saga pattern",
    "server-sent events",
    "a reverse proxy",
    "certificate rotation",
    "a blue/green deployment",
)
_ASKED = (
    "What is {subject} for in a service with {n} users?",
    "How does {subject} behave at {n} requests a second?",
    "Why would you choose {subject} over doing nothing, given {n} rows?",
    "Explain {subject} to somebody who has {n} seconds.",
    "When does {subject} fail after {n} days?",
)
_SENTENCES = (
    "With {n} writers the queue grows until somebody says *no*.",
    "Measure first: the median of {n} samples says little, the tail says more.",
    "A retry after {n} ms is fine once and a storm a thousand times.",
    "Keep `max_wait_{n}` small, and log when it is reached.",
    "The price is **{n} bytes** a row and one more thing to monitor.",
    "See [chapter {n}](https://example.com/book/chapter-{n}) for the proof.",
    "Nobody notices until {n} clients reconnect at once.",
)
_SUBJECTS_ZH = ("索引", "预写日志", "连接池", "只读副本", "一致性哈希", "幂等令牌", "消息队列")
_ASKED_ZH = (
    "什么是{subject}？在 {n} 个用户时有什么作用？",
    "为什么{subject}在每秒 {n} 个请求时会变慢？",
    "如何在 {n} 天内迁移{subject}？",
    "{subject}有哪些常见的 {n} 种误用？",
)
_SENTENCES_ZH = (
    "当并发达到 {n} 时，队列会不断增长，直到有人*拒绝*请求。",
    "先测量：{n} 个样本的平均值说明不了问题，长尾才说明问题。",
    "间隔 {n} 毫秒重试一次没关系，一千个客户端同时重试就是风暴。",
    "把 `max_wait_{n}` 设小一点，超过时要打日志。",
    "代价是每行 **{n} 字节**，以及多一个需要监控的组件。",
    "证明见[第 {n} 章](https://example.com/book/chapter-{n})。",
)
_LEVELS = {
    "en": ("Beginner", "Intermediate", "Advanced"),
    "zh": ("初级", "中级", "高级"),
}
_CODE: Mapping[str, tuple[str, str]] = {
    "python": (
        "python",
        "def handle_{n}(request):\n    if request.size > {n}:\n"
        '        raise ValueError("too large")\n    return store.get(request.key)',
    ),
    "go": (
        "go",
        "func Handle{n}(ctx context.Context, key string) (int, error) {{\n"
        "\tif len(key) > {n} {{\n\t\treturn 0, errTooLong\n\t}}\n"
        "\treturn store.Get(ctx, key)\n}}",
    ),
    "sql": (
        "",
        "SELECT id, total\nFROM orders\nWHERE user_id = {n}\nORDER BY total DESC\nLIMIT 10;",
    ),
    "json": ("js", '{{\n  "id": {n},\n  "state": "open",\n  "tags": ["a", "b"]\n}}'),
    "http": (
        "javascript",
        "GET /orders/{n} HTTP/1.1\nHost: api.example.com\nAccept: application/json",
    ),
    "yaml": ("yml", "service:\n  replicas: {n}\n  ports:\n    - 8080"),
}
"""Language of the code -> the label that its author gave it, and the code."""


@dataclass(frozen=True, slots=True)
class StudyDocument:
    """A document and what stands in it; `fences` counts by the true language of the code."""

    text: str
    questions: int
    fences: Mapping[str, int]
    diagrams: int
    tables: int
    links: int

    @property
    def size(self) -> int:
        """Its size in bytes."""
        return len(self.text.encode())


def study_document(
    kilobytes: int, seed: int = 1, language: str = "en", most_diagrams: int = 1_000_000
) -> StudyDocument:
    """Write a document of at least `kilobytes`, in English (`en`) or Chinese (`zh`)."""
    writer = _Writer(random.Random(f"{seed}/{language}"), language, most_diagrams)
    title = "Backend interview handbook" if language == "en" else "后端面试手册"
    parts: list[list[str]] = [[], [], []]
    size = 0
    while size < kilobytes * 1000:
        question = writer.question()
        parts[size * 3 // (kilobytes * 1000)].append(question)
        size += len(question.encode()) + 2
    chapters = [
        "\n\n".join([f"## {level}", *questions])
        for level, questions in zip(_LEVELS[language], parts, strict=True)
    ]
    return StudyDocument(
        text="\n\n---\n\n".join([f"# {title}", *chapters]) + "\n",
        questions=writer.asked,
        fences=dict(writer.fences),
        diagrams=writer.diagrams,
        tables=writer.tables,
        links=len(writer.links),
    )


class _Writer:
    """Writes question after question, and counts."""

    def __init__(self, rng: random.Random, language: str, most_diagrams: int) -> None:
        self._rng = rng
        self._most_diagrams = most_diagrams
        self._is_english = language == "en"
        self._number = 100
        self.asked = 0
        self.fences: Counter[str] = Counter()
        self.diagrams = 0
        self.tables = 0
        self.links: set[int] = set()

    def question(self) -> str:
        """A question with its answer."""
        self.asked += 1
        subject = self._rng.choice(_SUBJECTS if self._is_english else _SUBJECTS_ZH)
        asked = self._rng.choice(_ASKED if self._is_english else _ASKED_ZH)
        heading = f"### {self.asked}. {asked.format(subject=subject, n=self._next())}"
        extras: Sequence[Callable[[], str]] = (self._list, self._table, self._code, self._diagram)
        weights = (4, 2, 4, 1)
        kinds = self._rng.choices(extras, weights, k=self._rng.randint(1, 3))
        return "\n\n".join([heading, self._paragraph(), *(kind() for kind in kinds)])

    def _next(self) -> int:
        self._number += 1
        return self._number

    def _sentence(self) -> str:
        number = self._next()
        text = self._rng.choice(_SENTENCES if self._is_english else _SENTENCES_ZH)
        if "example.com" in text:
            self.links.add(number)
        return text.format(n=number)

    def _paragraph(self) -> str:
        joint = "\n" if self._is_english else ""
        return joint.join(self._sentence() for _ in range(self._rng.randint(2, 5)))

    def _list(self) -> str:
        marker = self._rng.choice(("- ", "* ", "1. "))
        return "\n".join(f"{marker}{self._sentence()}" for _ in range(self._rng.randint(2, 5)))

    def _table(self) -> str:
        self.tables += 1
        head = "| Size | Time | Note |" if self._is_english else "| 大小 | 时间 | 备注 |"
        rows = [
            f"| {self._next()} | {self._next()} ms | `case_{self._next()}` |"
            for _ in range(self._rng.randint(2, 4))
        ]
        return "\n".join([head, "|---|---:|:--|", *rows])

    def _code(self) -> str:
        language = self._rng.choice(list(_CODE))
        self.fences[language] += 1
        label, code = _CODE[language]
        return f"```{label}\n{code.format(n=self._next())}\n```"

    def _diagram(self) -> str:
        if self.diagrams == self._most_diagrams:
            return self._list()
        self.diagrams += 1
        kind = self._rng.choice(("Store", "Queue", "Cache"))
        return (
            "```mermaid\ngraph LR\n    A[Client] --> B[Service]\n"
            f"    B --> C[({kind})]\n    style A fill:#f9f\n```"
        )
