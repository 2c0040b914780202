// Estimate a chat system: integers only, every figure with its unit.

const div = (amount, unit) => Math.floor(amount / unit);
const ceil = (amount, unit) => Math.ceil(amount / unit);

function row(label, value, unit = "", decision = "") {
  const number = value.toLocaleString("en-US").padStart(12);
  console.log(
    `${label.padEnd(27)}${number} ${unit.padEnd(8)}${decision}`.trimEnd(),
  );
}

// --8<-- [start:show]
const [DAY, PEAK] = [86_400, 4]; // seconds, peak over average
const USERS = 10_000_000; // on one day
const ONLINE = 20; // percent of them, at peak
const [WRITTEN, OPENED] = [40, 30]; // messages and opened chats a user
const [READERS, COPIES] = [5, 4]; // recipients, devices of theirs online
const MESSAGE = 300; // bytes with key and index
const [GATEWAY, SOCKET] = [100_000, 40_000]; // sockets a gateway, bytes a socket
const BEAT = 30; // seconds between heartbeats
const [CHANGES, CONTACTS] = [20, 100]; // presence changes a day, contacts
const WATCHING = 3; // percent of contacts have the chat open
const [SHARD, COMMITS] = [1e12, 2_000]; // bytes, commits a second
const KEPT = 90; // days on the shards, then archived
const [SERVICES, MACHINES] = [20, 16]; // a service batches positions for a second
const [GROUP, TALK] = [100_000, 5]; // members, messages a second
const [MB, GB, TB] = [1e6, 1e9, 1e12];

const sent = USERS * WRITTEN;
const busy = div(sent * PEAK, DAY);
const sockets = div(div(USERS * ONLINE, 100) * 3, 2); // three devices for two users
const presence = div(USERS * CHANGES * CONTACTS * PEAK, DAY);
const hot = sent * MESSAGE * KEPT;
const positions = div(USERS * OPENED * PEAK, DAY);
const batched = SERVICES * MACHINES;
const huge = div(div(GROUP * ONLINE, 100) * 3, 2) * TALK;

row("messages", div(sent, DAY), "/s");
row("messages at peak", busy, "/s");
row("connections at peak", sockets);
row("gateways, a third spare", ceil(sockets * 4, GATEWAY * 3));
row("memory of a gateway", div(GATEWAY * SOCKET, MB), "MB");
row("pushes at peak", busy * COPIES, "/s");
row("bandwidth of pushes", div(busy * COPIES * MESSAGE * 8, MB), "Mbit/s");
row("heartbeats", div(sockets, BEAT), "/s", "stay in the gateway");
row("reconnects within 60 s", div(sockets, 60), "/s");
row("reconnects within 600 s", div(sockets, 600), "/s", "spread them");
row("presence to all contacts", presence, "/s");
row("presence to watchers", div(presence * WATCHING, 100), "/s", "subscribe");
row("receipts for each message", busy * READERS * 2, "/s");
row("read positions", positions, "/s", "positions");
row("index updates at peak", busy * READERS, "/s", "in memory");
row("stored a day", div(sent * MESSAGE, GB), "GB");
row("five years, 3 copies", div(sent * MESSAGE * 5475, TB), "TB", "archive");
row("kept on shards", div(hot, GB), "GB");
row("shards by bytes", ceil(hot, SHARD));
row(
  "shards, a commit each",
  ceil(busy + positions, COMMITS),
  "",
  "batch positions",
);
row(
  "shards, positions batched",
  ceil(busy + batched, COMMITS),
  "",
  "16 machines",
);
row("pushes for one huge group", huge, "/s", "pull instead");
// --8<-- [end:show]
