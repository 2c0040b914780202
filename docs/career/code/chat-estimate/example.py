"""Estimate a chat system: integers only, every figure with its unit."""


def ceil(amount: int, unit: int) -> int:
    return -(-amount // unit)


def row(label: str, value: int, unit: str = "", decision: str = "") -> None:
    print(f"{label:<27}{value:>12,} {unit:<8}{decision}".rstrip())


# --8<-- [start:show]
DAY, PEAK = 86_400, 4  # seconds, peak over average
USERS = 10_000_000  # on one day
ONLINE = 20  # percent of them, at peak
WRITTEN, OPENED = 40, 30  # messages and opened chats a user
READERS, COPIES = 5, 4  # recipients, devices of theirs online
MESSAGE = 300  # bytes with key and index
GATEWAY, SOCKET = 100_000, 40_000  # sockets a gateway, bytes a socket
BEAT = 30  # seconds between heartbeats
CHANGES, CONTACTS = 20, 100  # presence changes a day, contacts
WATCHING = 3  # percent of contacts have the chat open
SHARD, COMMITS = 1_000_000_000_000, 2_000  # bytes, commits a second
KEPT = 90  # days on the shards, then archived
SERVICES, MACHINES = 20, 16  # a service batches positions for a second
GROUP, TALK = 100_000, 5  # members, messages a second
MB, GB, TB = 10**6, 10**9, 10**12

sent = USERS * WRITTEN
busy = sent * PEAK // DAY
sockets = USERS * ONLINE // 100 * 3 // 2  # three devices for two users
presence = USERS * CHANGES * CONTACTS * PEAK // DAY
hot = sent * MESSAGE * KEPT
positions = USERS * OPENED * PEAK // DAY
batched = SERVICES * MACHINES
huge = GROUP * ONLINE // 100 * 3 // 2 * TALK

row("messages", sent // DAY, "/s")
row("messages at peak", busy, "/s")
row("connections at peak", sockets)
row("gateways, a third spare", ceil(sockets * 4, GATEWAY * 3))
row("memory of a gateway", GATEWAY * SOCKET // MB, "MB")
row("pushes at peak", busy * COPIES, "/s")
row("bandwidth of pushes", busy * COPIES * MESSAGE * 8 // MB, "Mbit/s")
row("heartbeats", sockets // BEAT, "/s", "stay in the gateway")
row("reconnects within 60 s", sockets // 60, "/s")
row("reconnects within 600 s", sockets // 600, "/s", "spread them")
row("presence to all contacts", presence, "/s")
row("presence to watchers", presence * WATCHING // 100, "/s", "subscribe")
row("receipts for each message", busy * READERS * 2, "/s")
row("read positions", positions, "/s", "positions")
row("index updates at peak", busy * READERS, "/s", "in memory")
row("stored a day", sent * MESSAGE // GB, "GB")
row("five years, 3 copies", sent * MESSAGE * 5475 // TB, "TB", "archive")
row("kept on shards", hot // GB, "GB")
row("shards by bytes", ceil(hot, SHARD))
row("shards, a commit each", ceil(busy + positions, COMMITS), "", "batch positions")
row("shards, positions batched", ceil(busy + batched, COMMITS), "", "16 machines")
row("pushes for one huge group", huge, "/s", "pull instead")
# --8<-- [end:show]
