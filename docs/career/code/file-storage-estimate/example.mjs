// Estimates for a file storage and sync service, in integers.

const DAY = 86_400n;
const [KB, MB, GB, TB, PB] = [3n, 6n, 9n, 12n, 15n].map((n) => 10n ** n);
const BILLION = 10n ** 9n;

function show(label, number, unit) {
  const digits = number.toLocaleString("en-US").padStart(9);
  console.log(`${label.padEnd(20)} ${digits} ${unit}`);
}

// --8<-- [start:show]
const ACTIVE = 10_000_000n; // people a day
const SAVES = 8n; // per person and day; half of them create a file
const NEW_BYTES = 500n * KB; // sent per save: one chunk, compressed
const FETCHES = 3n; // of each saved byte: other devices, other people
const DEVICES = 20_000_000n; // connected at the peak
const SHARED = 20n; // percent of the bytes that another account has too: a guess
const [PEAK, YEARS] = [4n, 5n];
const [FILE_ROW, CHUNK_ROW, INDEXES] = [400n, 100n, 2n]; // bytes, bytes, factor

const saves = ACTIVE * SAVES;
const rate = saves / DAY;
show("saves, average", rate, "a second");
show("saves, peak", rate * PEAK, "a second: one database could commit that");
show("polls every 30 s", DEVICES / 30n, "a second: hold connections instead");
const sockets = ((DEVICES / 200_000n) * 3n) / 2n;
show("notification servers", sockets, "two zones carry all");

const day = saves * NEW_BYTES;
show("new bytes", day / TB, "TB a day");
const upload = (((day * 8n) / DAY) * PEAK) / GB;
show("upload, peak", upload, "Gbit/s: past the API, straight to the store");
const download = (((day * FETCHES * 8n) / DAY) * PEAK) / GB;
show("download, peak", download, "Gbit/s: likewise, by signed URLs");

const days = YEARS * 365n;
const stored = day * days;
show("stored in 5 years", stored / PB, "PB");
const coded = (stored * 3n) / 2n;
const elsewhere = (stored * SHARED) / 100n;
show("as three copies", (stored * 3n) / PB, "PB on disks");
show("erasure coded, 1.5", coded / PB, "PB on disks");
const both = (coded * 2n) / PB;
show("that in two regions", both, "PB on disks, as much as three copies");
show("found elsewhere", elsewhere / PB, "PB: gain of sharing across users");

const files = (saves / 2n) * days;
const chunks = saves * days;
const rows = (files * FILE_ROW + chunks * CHUNK_ROW) * INDEXES;
show("files", files / BILLION, "billion");
show("chunks of 500 KB", chunks / BILLION, "billion");
const small = (chunks * NEW_BYTES) / (8n * KB);
show("chunks of 8 KB", small / BILLION, "billion: too many rows");
show("metadata", rows / TB, "TB");
const shards = (rows + TB - 1n) / TB;
show("shards of 1 TB", shards, "so 128: for size, not for rate");
show("saves on a shard", (rate * PEAK) / 128n, "a second at the peak");
show("cursors, 100 B each", (DEVICES * 100n) / MB, "MB: in memory");
show(
  "4 MB at 10 Mbit/s",
  (4n * MB * 8n) / 10_000n,
  "ms: what a lost line repeats",
);
// --8<-- [end:show]
