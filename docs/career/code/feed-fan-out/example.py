"""Count what a feed costs by fan-out on write, on read, and by the hybrid."""

from collections import defaultdict

USERS, ORDINARY = 2_000, 20
CHANCE = (80, 40, 20, 5)  # percent of all users who follow famous accounts 0 to 3
EVENTS, RATIO, SIZE, SPEED = 8_000, 40, 10, 100
NEVER = TOP = 10**9


class Random:
    def __init__(self, seed: int) -> None:
        self.state = seed

    def below(self, limit: int) -> int:
        self.state = (self.state * 1103515245 + 12345) % 2**31
        return (self.state >> 12) % limit


# --8<-- [start:show]
class Feeds:
    """Posts go to inboxes; posts of famous accounts wait in the outbox."""

    def __init__(self, graph: list[list[int]], threshold: int) -> None:
        self.follows, self.threshold = graph, threshold
        self.followers: dict[int, list[int]] = defaultdict(list)
        for reader, authors in enumerate(graph):
            for author in authors:
                self.followers[author].append(reader)
        self.inbox: dict[int, list[int]] = defaultdict(list)
        self.outbox: dict[int, list[int]] = defaultdict(list)
        self.written = self.read = self.worst = 0

    def famous(self, author: int) -> bool:
        return len(self.followers[author]) >= self.threshold

    def publish(self, author: int, post: int) -> None:
        self.outbox[author].append(post)
        if self.famous(author):
            return  # readers come for it
        readers = self.followers[author]
        for reader in readers:
            self.inbox[reader].append(post)
        self.written += len(readers)
        self.worst = max(self.worst, len(readers))

    def page(self, reader: int, before: int, size: int) -> list[int]:
        lists = [self.inbox[reader]]
        lists += [self.outbox[a] for a in self.follows[reader] if self.famous(a)]
        self.read += len(lists)
        older = {post for posts in lists for post in posts if post < before}
        return sorted(older, reverse=True)[:size]


# --8<-- [end:show]


def build(random: Random) -> list[list[int]]:
    graph = []
    for reader in range(USERS):
        authors = [a for a, chance in enumerate(CHANCE) if random.below(100) < chance]
        while len(authors) < ORDINARY:
            author = len(CHANCE) + random.below(USERS - len(CHANCE))
            if author not in authors and author != reader:
                authors.append(author)
        graph.append([author for author in authors if author != reader])
    return graph


def day(feeds: Feeds, random: Random) -> tuple[int, list[list[int]]]:
    posts, pages = 0, []
    for _ in range(EVENTS):
        if random.below(RATIO) == 0:
            posts += 1
            famous = random.below(10) == 0
            feeds.publish(random.below(len(CHANCE) if famous else USERS), posts)
        else:
            pages.append(feeds.page(random.below(USERS), TOP, SIZE))
    return posts, pages


def compare() -> None:
    graph = build(Random(7))
    first, same = None, True
    for threshold in (NEVER, 1000, 300, 50, 0):
        feeds = Feeds(graph, threshold)
        posts, pages = day(feeds, Random(11))
        if first is None:
            first = pages
            print(f"{USERS} users, {posts} posts, {len(pages)} pages of {SIZE}")
            print("pulled from      written  lists read  worst post  ticks to last")
        same = same and pages == first
        name = {NEVER: "nobody (push)", 0: "all (pull)"}.get(threshold)
        name = name or f"{threshold} followers"
        ticks = -(-feeds.worst // SPEED)
        print(
            f"{name:<15}{feeds.written:>9}{feeds.read:>12}{feeds.worst:>12}{ticks:>15}"
        )
    print(f"the same pages every time: {'yes' if same else 'no'}")


def text(posts: list[int]) -> str:
    return " ".join(map(str, posts)) or "-"


def by_offset(feeds: Feeds, start: int) -> list[int]:
    return feeds.page(0, TOP, 99)[start : start + 4]


def scroll() -> None:
    feeds = Feeds([[1, 2], [], [], [2]], 2)  # account 2 is famous, 1 is not
    for post in range(1, 14):
        if post != 6:  # its fan-out is late
            feeds.publish(1 + post % 2, post)
    offset, cursor = [by_offset(feeds, 0)], [feeds.page(0, TOP, 4)]
    print(f"page 1          {text(cursor[0])}")
    feeds.publish(1, 14)
    feeds.publish(2, 15)
    offset.append(by_offset(feeds, 4))
    cursor.append(feeds.page(0, cursor[0][-1], 4))
    print("14 and 15 arrive")
    print(f"page 2, offset  {text(offset[1])}")
    print(f"page 2, cursor  {text(cursor[1])}")
    feeds.inbox[0].remove(12)
    feeds.inbox[0].append(6)
    offset.append(by_offset(feeds, 8))
    cursor.append(feeds.page(0, cursor[1][-1], 4))
    print("12 is deleted, 6 arrives late")
    print(f"page 3, offset  {text(offset[2])}")
    print(f"page 3, cursor  {text(cursor[2])}")
    for name, pages in (("offset", offset), ("cursor", cursor)):
        seen = [post for page in pages for post in page]
        doubled = sorted({post for post in seen if seen.count(post) > 1})
        missed = [post for post in range(min(seen), 14) if post not in seen]
        print(f"{name}: doubled {text(doubled)}, missed {text(missed)}")
    print(f"refresh         {text(feeds.page(0, TOP, 10))}")


compare()
scroll()
