"""Estimates for a file storage and sync service, in integers."""

DAY = 86_400
KB, MB, GB, TB, PB = 10**3, 10**6, 10**9, 10**12, 10**15


def show(label: str, number: int, unit: str) -> None:
    print(f"{label:20} {number:>9,} {unit}")


# --8<-- [start:show]
ACTIVE = 10_000_000  # people a day
SAVES = 8  # per person and day; half of them create a file
NEW_BYTES = 500 * KB  # sent per save: one chunk, compressed
FETCHES = 3  # of each saved byte: other devices, other people
DEVICES = 20_000_000  # connected at the peak
SHARED = 20  # percent of the bytes that another account has too: a guess
PEAK, YEARS = 4, 5
FILE_ROW, CHUNK_ROW, INDEXES = 400, 100, 2  # bytes, bytes, factor

saves = ACTIVE * SAVES
rate = saves // DAY
show("saves, average", rate, "a second")
show("saves, peak", rate * PEAK, "a second: one database could commit that")
show("polls every 30 s", DEVICES // 30, "a second: hold connections instead")
show("notification servers", DEVICES // 200_000 * 3 // 2, "two zones carry all")

day = saves * NEW_BYTES
show("new bytes", day // TB, "TB a day")
upload = day * 8 // DAY * PEAK
show("upload, peak", upload // GB, "Gbit/s: past the API, straight to the store")
download = day * FETCHES * 8 // DAY * PEAK
show("download, peak", download // GB, "Gbit/s: likewise, by signed URLs")

days = YEARS * 365
stored = day * days
show("stored in 5 years", stored // PB, "PB")
coded = stored * 3 // 2
elsewhere = stored * SHARED // 100
show("as three copies", stored * 3 // PB, "PB on disks")
show("erasure coded, 1.5", coded // PB, "PB on disks")
both = coded * 2
show("that in two regions", both // PB, "PB on disks, as much as three copies")
show("found elsewhere", elsewhere // PB, "PB: gain of sharing across users")

files = saves // 2 * days
chunks = saves * days
rows = (files * FILE_ROW + chunks * CHUNK_ROW) * INDEXES
show("files", files // 10**9, "billion")
show("chunks of 500 KB", chunks // 10**9, "billion")
small = chunks * NEW_BYTES // (8 * KB)
show("chunks of 8 KB", small // 10**9, "billion: too many rows")
show("metadata", rows // TB, "TB")
show("shards of 1 TB", (rows + TB - 1) // TB, "so 128: for size, not for rate")
show("saves on a shard", rate * PEAK // 128, "a second at the peak")
show("cursors, 100 B each", DEVICES * 100 // MB, "MB: in memory")
show("4 MB at 10 Mbit/s", 4 * MB * 8 // 10**4, "ms: what a lost line repeats")
# --8<-- [end:show]
