// Estimate a news feed: integers only, every figure with its unit.

const divide = (amount, unit) => Math.floor(amount / unit);
const ceil = (amount, unit) => Math.ceil(amount / unit);

function row(label, value, unit, decision = "") {
  const number = value.toLocaleString("en-US").padStart(12);
  console.log(
    `${label.padEnd(27)}${number} ${unit.padEnd(11)}${decision}`.trimEnd(),
  );
}

// --8<-- [start:show]
const DAY = 86_400;
const PEAK = 3; // peak over average
const USERS = 100_000_000; // on one day
const WEEKLY = 150_000_000; // within seven days: they get a stored feed
const [PAGES, PAGE] = [20, 20]; // pages a user and day, posts a page
const POSTS = 50_000_000; // a day
const FOLLOWS = 200; // accounts followed, followers reached
const [KEPT, ENTRY, POST] = [500, 16, 1_000]; // entries a feed, bytes, bytes
const [NODE, RATE] = [64e9, 1e5]; // a node: bytes, operations/s
const [FAMOUS, RECENT] = [20_000, 100]; // accounts, posts a list
const TOP = 50_000_000; // followers
const [FRESH, SHARE] = [5, 10]; // seconds, percent of workers for one post

const pages = divide(USERS * PAGES, DAY);
const push = divide(POSTS * FOLLOWS, DAY);
const pull = pages * FOLLOWS;
const workers = push * PEAK * 2;
const feeds = WEEKLY * KEPT * ENTRY * 2;
const fame = divide(FAMOUS * RECENT * ENTRY, 1e6);
const stored = POSTS * POST;
const edges = WEEKLY * FOLLOWS * ENTRY * 2;
const hydrate = pages * PEAK * PAGE;

row("posts", divide(POSTS, DAY), "/s");
row("posts at peak", divide(POSTS * PEAK, DAY), "/s");
row("pages", pages, "/s");
row("pages at peak", pages * PEAK, "/s");
row("pull: lists read", pull, "/s");
row("push: entries written", push, "/s", `push costs 1/${divide(pull, push)}`);
row("push at peak", push * PEAK, "/s");
row("workers, twice the peak", workers, "entries/s");
row("top account, one post", ceil(TOP, workers), "s", "of all workers");
row("threshold", divide(workers * FRESH * SHARE, 100), "followers");
row("lists of the famous", fame, "MB", "on each server");
row("feeds, two copies", divide(feeds, 1e9), "GB");
row("feed nodes by bytes", ceil(feeds, NODE), "nodes", "bytes decide");
row("feed nodes by rate", ceil((push + pages) * PEAK, RATE), "nodes");
row("posts looked up at peak", hydrate, "/s");
row("post nodes by bytes", ceil(2 * POSTS * POST, NODE), "nodes");
row("post nodes by rate", ceil(hydrate, RATE), "nodes", "rate decides");
row("stored a day", divide(stored, 1e9), "GB");
row("five years, 3 copies", divide(stored * 1825 * 3, 1e12), "TB", "shards");
row("follow edges, both ways", divide(edges, 1e9), "GB");
row("bandwidth at peak", divide(hydrate * POST * 8, 1e6), "Mbit/s");
// --8<-- [end:show]
