// The estimates of a URL shortener: inputs, figures, what each decides.

// --8<-- [start:show]
const NEW_LINKS = 3_000_000; // a day
const CLICKS_PER_LINK = 100; // on average, over its life
const PEAK_FACTOR = 5; // a campaign in prime time
const DAYS = 5 * 365;
const ROW_BYTES = 500; // target of 200 bytes, columns, index, free space
const RESTORE_MB = 200; // a second, from backup
const HOT_LINKS = 10_000_000; // what a cache should hold
const ENTRY_BYTES = 400;
const MISSES = 5; // percent
const SERVER_RATE = 4_000; // redirects a second on one small server
const EVENT_BYTES = 150; // a click in the stream
const BLOCK = 10_000; // numbers in a lease
const RESTARTS = 10; // of a server a day
const CREATE_SERVERS = 6; // two in each zone, apart from the redirects

const div = (a, b) => Math.floor(a / b);
const divUp = (a, b) => Math.ceil(a / b);

const redirects = div(NEW_LINKS * CLICKS_PER_LINK, 86_400);
const peak = div(NEW_LINKS * CLICKS_PER_LINK * PEAK_FACTOR, 86_400);
const creates = div(NEW_LINKS * PEAK_FACTOR, 86_400);
const links = NEW_LINKS * DAYS;
const storeGB = div(links * ROW_BYTES, 1e9);
const restore = div(div(storeGB * 1000, RESTORE_MB), 60);
const shards = divUp(restore, 60); // each back within an hour
const needed = divUp(peak, SERVER_RATE);
const servers = 3 * divUp(needed, 2); // two of three zones carry the peak
const ownRate = div(creates, CREATE_SERVERS);
const bridged = div(div(BLOCK, 2), ownRate); // the next block is fetched at half
const lost = RESTARTS * CREATE_SERVERS * BLOCK; // a server holds 0.5 to 1.5 blocks
// --8<-- [end:show]

function line(label, value, unit, decides = "") {
  const shown = value.toLocaleString("en-US").padStart(13);
  const text = `${label.padEnd(27)}${shown} ${unit.padEnd(13)}${decides}`;
  console.log(text.trimEnd());
}

const events = NEW_LINKS * CLICKS_PER_LINK * EVENT_BYTES;

line("redirects, average", redirects, "a second");
line("redirects, peak", peak, "a second", "sizes the servers");
line("creates, peak", creates, "a second", "one primary would do");
line("links in five years", links, "");
line("storage, one copy", storeGB, "GB");
line("restore as one piece", restore, "minutes", "too long: shards");
line("shards", shards, "", "by restore time");
line("restore of one shard", div(restore, shards), "minutes");
line("6 characters: 1 hit in", div(62 ** 6, links), "guesses", "too dense");
line("7 characters: 1 hit in", div(62 ** 7, links), "guesses", "7 it is");
line("cache", div(HOT_LINKS * ENTRY_BYTES, 1e9), "GB", "fits one node");
line(
  "store reads, peak",
  div(peak * MISSES, 100),
  "a second",
  "shards nearly idle",
);
line("cache gone, per shard", div(peak, shards), "a second", "still served");
line(
  "responses of 600 B, peak",
  div(peak * 600 * 8, 1e6),
  "Mbit/s",
  "no matter",
);
line("servers, one zone lost", servers, "", "three in a zone");
line("click events", div(events, 1e9), "GB a day");
line("one link, 20% of peak", div(peak, 5), "a second", "no row counter");
line("allocator calls, 1 in", div(BLOCK, creates), "seconds", "no bottleneck");
line("allocator down, bridged", bridged, "seconds");
line(
  "numbers lost in restarts",
  div(100 * lost, NEW_LINKS),
  "% of issued",
  "cheap",
);
