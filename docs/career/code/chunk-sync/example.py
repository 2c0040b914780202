"""Cut files by content, send what is missing, commit against an expected version."""

import hashlib
from collections.abc import Callable, Iterator

SIZE = 65_536


def generator(seed: int) -> Iterator[int]:
    x = seed
    while True:
        x = (x * 1103515245 + 12345) % 2**31
        yield x >> 15


words = generator(1)
GEAR = [next(words) << 16 | next(words) for _ in range(256)]


def random_bytes(seed: int, size: int) -> bytes:
    source = generator(seed)
    return bytes(next(source) & 0xFF for _ in range(size))


# --8<-- [start:show]
SHORTEST, LONGEST = 256, 4096
CUT = 0xFFC00000  # ten bits must be zero: about 1,024 bytes after the shortest


def by_content(data: bytes) -> list[bytes]:
    chunks, start, rolling = [], 0, 0
    for end, byte in enumerate(data, start=1):
        rolling = ((rolling << 1) + GEAR[byte]) & 0xFFFFFFFF  # the last 32 bytes
        length = end - start
        if (length >= SHORTEST and not rolling & CUT) or length == LONGEST:
            chunks.append(data[start:end])
            start, rolling = end, 0
    return [*chunks, data[start:]] if start < len(data) else chunks


class Namespace:
    """All that one namespace has; a chunk of another does not count."""

    def __init__(self) -> None:
        self.chunks: dict[str, bytes] = {}
        self.heads: dict[str, tuple[int, list[str]]] = {}
        self.done: dict[str, int] = {}
        self.journal: list[str] = []

    def missing(self, names: list[str]) -> list[str]:
        return [name for name in dict.fromkeys(names) if name not in self.chunks]

    def put(self, name: str, chunk: bytes) -> int:
        if digest(chunk) != name:
            return 422
        self.chunks[name] = chunk
        return 201

    def commit(
        self, key: str, path: str, replaces: int, names: list[str]
    ) -> tuple[int, int]:
        if key in self.done:  # a retry is not a conflict with itself
            return 200, self.done[key]
        version, _ = self.heads.get(path, (0, []))
        if version != replaces:
            return 412, version
        if self.missing(names):
            return 409, version
        self.heads[path] = (version + 1, names)  # from here in one transaction
        self.journal.append(f"{path} v{version + 1}")
        self.done[key] = version + 1
        return 200, version + 1


# --8<-- [end:show]


def digest(chunk: bytes) -> str:
    return hashlib.sha256(chunk).hexdigest()


def fixed(data: bytes) -> list[bytes]:
    return [data[i : i + 1024] for i in range(0, len(data), 1024)]


def sent(cut: Callable[[bytes], list[bytes]], old: bytes, new: bytes) -> str:
    have = set(cut(old))
    chunks = cut(new)
    return f"{sum(chunk not in have for chunk in chunks):2} of {len(chunks)}"


def save(
    namespace: Namespace, who: str, key: str, path: str, replaces: int, data: bytes
) -> int:
    cut = by_content(data)
    names = [digest(chunk) for chunk in cut]
    chunks = dict(zip(names, cut, strict=True))
    wanted = namespace.missing(names)
    for name in wanted:
        namespace.put(name, chunks[name])
    status, version = namespace.commit(key, path, replaces, names)
    size = sum(len(chunks[name]) for name in wanted)
    print(
        f"{who:6} {path:16} replaces {replaces}: {status}, version {version},",
        f"sent {len(wanted):2} ({size} bytes)",
    )
    return status


old = random_bytes(7, SIZE)
note = b"ten bytes!"
front, end = note + old, old + note
middle = old[:30_000] + note + old[30_010:]

print("to send            fixed     by content")
for label, data in [
    ("10 at the front", front),
    ("10 at the end", end),
    ("10 overwritten", middle),
]:
    print(f"{label:17}  {sent(fixed, old, data)}  {sent(by_content, old, data)}")

print()
namespace = Namespace()
save(namespace, "laptop", "k1", "plan.doc", 0, old)
save(namespace, "laptop", "k2", "plan.doc", 1, front)
save(namespace, "laptop", "k2", "plan.doc", 1, front)
if save(namespace, "phone", "k3", "plan.doc", 1, end) == 412:
    save(namespace, "phone", "k4", "plan (phone).doc", 0, end)

print()
changes = ", ".join(namespace.journal[1:])
print(f"tablet, changes after 1: {changes}")
names = namespace.heads["plan.doc"][1]
copy = b"".join(namespace.chunks[name] for name in names)
print(f"tablet, plan.doc is the laptop's: {'yes' if copy == front else 'no'}")
print(f"damaged chunk: {namespace.put(names[0], b'damaged')}")
stranger = Namespace()
status, _ = stranger.commit("k5", "theirs.doc", 0, names)
lacking = len(stranger.missing(names))
print(f"stranger who knows the hashes: {status}, {lacking} chunks missing")
