"""Estimate a news feed: integers only, every figure with its unit."""


def ceil(amount: int, unit: int) -> int:
    return -(-amount // unit)


def row(label: str, value: int, unit: str, decision: str = "") -> None:
    print(f"{label:<27}{value:>12,} {unit:<11}{decision}".rstrip())


# --8<-- [start:show]
DAY = 86_400
PEAK = 3  # peak over average
USERS = 100_000_000  # on one day
WEEKLY = 150_000_000  # within seven days: they get a stored feed
PAGES, PAGE = 20, 20  # pages a user and day, posts a page
POSTS = 50_000_000  # a day
FOLLOWS = 200  # accounts followed, followers reached
KEPT, ENTRY, POST = 500, 16, 1_000  # entries a feed, bytes an entry, bytes a post
NODE, RATE = 64_000_000_000, 100_000  # a cache node: bytes, operations a second
FAMOUS, RECENT = 20_000, 100  # accounts, posts a list
TOP = 50_000_000  # followers
FRESH, SHARE = 5, 10  # seconds, percent of all workers one post may take

pages = USERS * PAGES // DAY
push = POSTS * FOLLOWS // DAY
pull = pages * FOLLOWS
workers = push * PEAK * 2
feeds = WEEKLY * KEPT * ENTRY * 2
fame = FAMOUS * RECENT * ENTRY // 10**6
stored = POSTS * POST
edges = WEEKLY * FOLLOWS * ENTRY * 2
hydrate = pages * PEAK * PAGE

row("posts", POSTS // DAY, "/s")
row("posts at peak", POSTS * PEAK // DAY, "/s")
row("pages", pages, "/s")
row("pages at peak", pages * PEAK, "/s")
row("pull: lists read", pull, "/s")
row("push: entries written", push, "/s", f"push costs 1/{pull // push}")
row("push at peak", push * PEAK, "/s")
row("workers, twice the peak", workers, "entries/s")
row("top account, one post", ceil(TOP, workers), "s", "of all workers")
row("threshold", workers * FRESH * SHARE // 100, "followers")
row("lists of the famous", fame, "MB", "on each server")
row("feeds, two copies", feeds // 10**9, "GB")
row("feed nodes by bytes", ceil(feeds, NODE), "nodes", "bytes decide")
row("feed nodes by rate", ceil((push + pages) * PEAK, RATE), "nodes")
row("posts looked up at peak", hydrate, "/s")
row("post nodes by bytes", ceil(2 * POSTS * POST, NODE), "nodes")
row("post nodes by rate", ceil(hydrate, RATE), "nodes", "rate decides")
row("stored a day", stored // 10**9, "GB")
row("five years, 3 copies", stored * 1825 * 3 // 10**12, "TB", "shards")
row("follow edges, both ways", edges // 10**9, "GB")
row("bandwidth at peak", hydrate * POST * 8 // 10**6, "Mbit/s")
# --8<-- [end:show]
