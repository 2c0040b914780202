// Serve a small bookings API on loopback and print what a client sees of it.
import { once } from "node:events";
import { createServer, request as open } from "node:http";

const TIMEOUT = 5_000; // milliseconds, for every request on both sides
const MAX_BODY = 65_536;
const MAX_BATCH = 100;
const JSON_TYPE = "application/json";
const MERGE_PATCH = "application/merge-patch+json";
const ROOMS = new Map([
  ["7", 4], // room number: how many it sleeps
  ["8", 2],
]);
const TEXT = /^\S.{0,79}$/;
const MONTH = /^[0-9]{4}-(0[1-9]|1[0-2])$/;

/** A refusal that the client can act on. */
class Problem extends Error {
  constructor(status, detail, headers = {}) {
    super(detail);
    this.status = status;
    this.headers = headers;
  }
}

class Booking {
  version = 1;
  reason = null; // why it was canceled

  constructor(id, room, { night, guest, party }) {
    Object.assign(this, { id, room, night, guest, party });
  }

  get uri() {
    return `/bookings/${this.id}`;
  }

  get etag() {
    return `"${this.version}"`;
  }

  represent() {
    const { id, night, guest, party, reason } = this;
    const links = { self: this.uri, room: `/rooms/${this.room}` };
    // Offered only while it is possible:
    if (reason === null) links.cancellation = `${this.uri}/cancellation`;
    const status = reason === null ? "confirmed" : "canceled";
    return { id: String(id), night, guest, party, status, links };
  }
}

const bookings = [];
const reports = [];
const jobs = [];

function checkFields(document, ...names) {
  const isObject = document instanceof Object && !Array.isArray(document);
  const isKnown = (name) => names.includes(name);
  if (!isObject || !Object.keys(document).every(isKnown)) {
    throw new Problem(422, `send an object with ${names.join(", ")} only`);
  }
}

function checkText(document, name, pattern) {
  const value = document[name];
  if (typeof value !== "string" || !pattern.test(value)) {
    throw new Problem(422, `${name} is missing or malformed`);
  }
  return value;
}

function checkNight(document) {
  const night = checkText(document, "night", /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/);
  const time = new Date(`${night}T00:00:00Z`); // 30 February becomes 2 March
  const isDate = !Number.isNaN(time.valueOf());
  if (!isDate || time.toISOString().slice(0, 10) !== night) {
    throw new Problem(422, "night is not a date");
  }
  return night;
}

function checkParty({ party }, room) {
  if (!Number.isInteger(party) || party < 1 || party > ROOMS.get(room)) {
    throw new Problem(
      422,
      `party must be 1 to ${ROOMS.get(room)} in room ${room}`,
    );
  }
  return party;
}

function find(items, id) {
  const item = items[Number(id) - 1];
  if (item === undefined) throw new Problem(404, "no such resource");
  return item;
}

/** Check everything, then store. */
function addBooking(room, document) {
  if (!ROOMS.has(room)) throw new Problem(404, `no room ${room}`);
  checkFields(document, "night", "guest", "party");
  const night = checkNight(document);
  const guest = checkText(document, "guest", TEXT);
  const party = checkParty(document, room);
  const isTaken = bookings.some(
    (other) =>
      other.room === room && other.night === night && other.reason === null,
  );
  if (isTaken) throw new Problem(409, `room ${room} is taken on ${night}`);
  const id = bookings.length + 1;
  const booking = new Booking(id, room, { night, guest, party });
  bookings.push(booking);
  return booking;
}

function postBooking({ params: [room], document }) {
  const booking = addBooking(room, document);
  const headers = { Location: booking.uri, ETag: booking.etag };
  return { status: 201, document: booking.represent(), headers };
}

// --8<-- [start:show]
// No handler awaits, so nothing runs between its comparison and its write. With
// a database in between, the condition belongs into the UPDATE.
function patchBooking({ params: [id], ifMatch, document }) {
  const booking = find(bookings, id);
  checkVersion(ifMatch, booking.etag);
  if (booking.reason !== null) {
    throw new Problem(409, "a canceled booking cannot change");
  }
  checkFields(document, "party");
  booking.party = checkParty(document, booking.room);
  booking.version += 1;
  const headers = { ETag: booking.etag };
  return { status: 200, document: booking.represent(), headers };
}

function checkVersion(ifMatch, etag) {
  if (ifMatch === undefined) throw new Problem(428, "send If-Match");
  const tags = ifMatch.split(",").map((tag) => tag.trim());
  if (!tags.includes("*") && !tags.includes(etag)) {
    throw new Problem(412, `it is now ${etag}`); // W/"1" is never equal to "1"
  }
}

/** Answer one item as if it had come alone, under the client's reference. */
function bookItem(item) {
  const ref = item?.ref;
  try {
    checkFields(item, "ref", "room", "booking");
    const room = checkText(item, "room", /^[0-9]+$/);
    const booking = addBooking(room, item.booking);
    return { ref, status: 201, location: booking.uri };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return { ref, status: error.status, detail: error.message };
  }
}

function getJob({ params: [id] }) {
  const job = find(jobs, id);
  if (job.status === "done") {
    const headers = { Location: job.links.result };
    return { status: 303, document: job, headers };
  }
  return { status: 200, document: job, headers: { "Retry-After": "1" } };
}
// --8<-- [end:show]

function postBatch({ document }) {
  checkFields(document, "items");
  const { items } = document;
  if (!Array.isArray(items) || items.length < 1 || items.length > MAX_BATCH) {
    throw new Problem(422, `send 1 to ${MAX_BATCH} items`);
  }
  return { status: 207, document: { results: items.map(bookItem) } };
}

function postReport({ document }) {
  checkFields(document, "month");
  const month = checkText(document, "month", MONTH);
  const uri = `/jobs/${jobs.length + 1}`;
  const job = { status: "queued", month, links: { self: uri } };
  jobs.push(job); // stored before it is promised
  const headers = { Location: uri, "Retry-After": "1" };
  return { status: 202, document: job, headers };
}

/** Finish every queued job; a real worker runs beside the API. */
function runWorker() {
  for (const job of jobs.filter(({ status }) => status === "queued")) {
    const stays = bookings.filter(
      ({ reason, night }) => reason === null && night.startsWith(job.month),
    );
    reports.push({ month: job.month, nights: stays.length });
    job.status = "done";
    job.links.result = `/reports/${reports.length}`;
  }
}

function putCancellation({ params: [id], document }) {
  checkFields(document, "reason");
  const reason = checkText(document, "reason", TEXT);
  const booking = find(bookings, id);
  if (booking.reason !== null && booking.reason !== reason) {
    throw new Problem(409, "canceled for another reason");
  }
  const status = booking.reason === null ? 201 : 200;
  if (booking.reason === null) {
    booking.reason = reason;
    booking.version += 1;
  }
  return { status, document: { reason, links: { booking: booking.uri } } };
}

function getRoot() {
  const links = {
    batches: "/booking-batches",
    reports: "/reports",
    rooms: "/rooms",
  };
  return { status: 200, document: { links } };
}

function getRooms() {
  const items = Array.from(ROOMS, ([id, sleeps]) => {
    return { id, sleeps, links: { bookings: `/rooms/${id}/bookings` } };
  });
  return { status: 200, document: { items } };
}

function getBooking({ params: [id], ifNoneMatch }) {
  const booking = find(bookings, id);
  const headers = { ETag: booking.etag, "Cache-Control": "private, no-cache" };
  if (ifNoneMatch === booking.etag) return { status: 304, headers };
  return { status: 200, document: booking.represent(), headers };
}

function getReport({ params: [id] }) {
  return { status: 200, document: find(reports, id) };
}

const ROUTES = [
  [/^\/$/, { GET: getRoot }],
  [/^\/rooms$/, { GET: getRooms }],
  [/^\/rooms\/([0-9]{1,9})\/bookings$/, { POST: postBooking }],
  [/^\/bookings\/([0-9]{1,9})$/, { GET: getBooking, PATCH: patchBooking }],
  [/^\/bookings\/([0-9]{1,9})\/cancellation$/, { PUT: putCancellation }],
  [/^\/booking-batches$/, { POST: postBatch }],
  [/^\/reports$/, { POST: postReport }],
  [/^\/reports\/([0-9]{1,9})$/, { GET: getReport }],
  [/^\/jobs\/([0-9]{1,9})$/, { GET: getJob }],
];

async function readDocument(incoming) {
  const chunks = [];
  let size = 0;
  for await (const chunk of incoming) {
    size += chunk.length;
    // The rest is drained: leaving would cut the answer.
    if (size <= MAX_BODY) chunks.push(chunk);
  }
  if (size > MAX_BODY) throw new Problem(413, `at most ${MAX_BODY} bytes`);
  if (["GET", "HEAD", "DELETE"].includes(incoming.method)) return undefined;
  const expected = incoming.method === "PATCH" ? MERGE_PATCH : JSON_TYPE;
  const sent = incoming.headers["content-type"]
    ?.split(";")[0]
    .trim()
    .toLowerCase();
  if (sent !== expected) throw new Problem(415, `send ${expected}`);
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch {
    throw new Problem(400, "not JSON");
  }
}

function dispatch({ method, url, headers }, document) {
  const path = url.split("?")[0];
  for (const [pattern, methods] of ROUTES) {
    const match = pattern.exec(path);
    if (match === null) continue;
    const serve = methods[method === "HEAD" ? "GET" : method];
    if (serve === undefined) {
      const names = Object.keys(methods);
      if (names.includes("GET")) names.push("HEAD");
      const allow = { Allow: names.sort().join(", ") };
      throw new Problem(405, "not offered here", allow);
    }
    const [, ...params] = match;
    const ifMatch = headers["if-match"];
    const ifNoneMatch = headers["if-none-match"];
    return serve({ params, ifMatch, ifNoneMatch, document });
  }
  throw new Problem(404, "no such resource");
}

async function respond(incoming, outgoing) {
  let answer;
  let type = JSON_TYPE;
  try {
    answer = dispatch(incoming, await readDocument(incoming));
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const document = { status: error.status, detail: error.message };
    answer = { status: error.status, document, headers: error.headers };
    type = "application/problem+json";
  }
  const { status, document, headers } = answer;
  if (document === undefined) {
    outgoing.writeHead(status, headers).end();
    return;
  }
  const body = Buffer.from(JSON.stringify(document));
  outgoing.writeHead(status, {
    ...headers,
    "Content-Type": type,
    "Content-Length": body.length,
  });
  outgoing.end(body);
}

/** Sends requests and never follows a redirect by itself. */
class Client {
  #port;

  constructor(port) {
    this.#port = port;
  }

  async send(method, path, { document, headers = {} } = {}) {
    const type = method === "PATCH" ? MERGE_PATCH : JSON_TYPE;
    const body = document && JSON.stringify(document);
    const outgoing = open({
      host: "127.0.0.1",
      port: this.#port,
      method,
      path,
      headers: body ? { ...headers, "Content-Type": type } : headers,
      agent: false,
      signal: AbortSignal.timeout(TIMEOUT),
    });
    outgoing.end(body);
    const [incoming] = await once(outgoing, "response");
    let received = "";
    for await (const chunk of incoming.setEncoding("utf8")) received += chunk;
    return {
      status: incoming.statusCode,
      headers: incoming.headers,
      document: received === "" ? undefined : JSON.parse(received),
    };
  }

  /** Send one request and print one line about it. */
  async show(method, path, { document, headers = {}, note } = {}) {
    const answer = await this.send(method, path, { document, headers });
    const words = Object.entries(headers).map(
      ([name, value]) => `${name} ${value}`,
    );
    for (const name of ["Location", "ETag", "Allow", "Retry-After"]) {
      const value = answer.headers[name.toLowerCase()];
      if (value !== undefined) words.push(`${name} ${value}`);
    }
    if (answer.status >= 400 && answer.status !== 405) {
      words.push(answer.document.detail);
    }
    if (note) words.push(note(answer.document));
    const start = `  ${method.padEnd(6)} ${path.padEnd(24)} ${answer.status}`;
    console.log(`${start} ${words.join("; ")}`.trimEnd());
    return answer;
  }
}

function linksOf({ links }) {
  return `links ${Object.keys(links).sort().join(" ")}`;
}

/** Send ten equal PATCH requests at the same moment and count the answers. */
async function race(client, path, options) {
  const rivals = Array.from({ length: 10 }, () =>
    client.send("PATCH", path, options),
  );
  const counts = {};
  for (const { status } of await Promise.all(rivals)) {
    counts[status] = (counts[status] ?? 0) + 1;
  }
  const tally = Object.entries(counts).map(
    ([status, count]) => `${count} x ${status}`,
  );
  const tag = options.headers["If-Match"];
  console.log(
    `  PATCH  ${path.padEnd(24)} ${tally.join(", ")}; If-Match ${tag}`,
  );
}

async function tour(client) {
  console.log('1. Only "/" is known; every other URI comes from a response');
  const entry = await client.show("GET", "/", { note: linksOf });
  const root = entry.document.links;
  const { items: rooms } = (
    await client.show("GET", root.rooms, {
      note: ({ items }) =>
        items.map(({ id, sleeps }) => `room ${id} sleeps ${sleeps}`).join(", "),
    })
  ).document;

  console.log(
    "2. Create in the nested collection, read at the booking's own URI",
  );
  const ada = { night: "2027-03-01", guest: "Ada", party: 2 };
  const collection = rooms[0].links.bookings;
  const created = await client.show("POST", collection, { document: ada });
  const { location: booking, etag } = created.headers;
  await client.show("GET", booking, { note: linksOf });
  await client.show("GET", booking, { headers: { "If-None-Match": etag } });
  await client.show("POST", collection, { document: ada });
  await client.show("DELETE", booking);

  console.log("3. Two editors, then ten at once, each holding the same ETag");
  const first = { "If-Match": etag };
  const edit = { document: { party: 3 }, headers: first };
  const changed = await client.show("PATCH", booking, edit);
  await client.show("PATCH", booking, {
    document: { party: 1 },
    headers: first,
  });
  await client.show("PATCH", booking, { document: { party: 1 } });
  const second = { "If-Match": changed.headers.etag };
  await race(client, booking, { document: { party: 4 }, headers: second });
  const latest = await client.show("GET", booking, {
    note: ({ party }) => `party ${party}`,
  });

  console.log("4. An action is a resource, and PUT makes its retry harmless");
  const { cancellation } = latest.document.links;
  for (let attempt = 1; attempt <= 2; attempt += 1) {
    await client.show("PUT", cancellation, { document: { reason: "ill" } });
  }
  await client.show("GET", booking, { note: linksOf });

  console.log("5. One batch, one result per item");
  const bob = { night: "2027-03-02", guest: "Bob", party: 2 };
  const items = [
    { ref: "a", room: "7", booking: bob },
    { ref: "b", room: "8", booking: { ...bob, party: 9 } },
    { ref: "c", room: "7", booking: bob },
  ];
  const batch = await client.show("POST", root.batches, {
    document: { items },
  });
  for (const { ref, status, location, detail } of batch.document.results) {
    console.log(
      `         item ${ref.padEnd(19)} ${status} ${location ?? detail}`,
    );
  }

  console.log("6. A slow report: accepted, watched, found");
  const order = { document: { month: "2027-03" } };
  const accepted = await client.show("POST", root.reports, order);
  const monitor = accepted.headers.location;
  const state = { note: ({ status }) => status };
  await client.show("GET", monitor, state);
  runWorker();
  console.log("         (the worker runs)");
  const done = await client.show("GET", monitor, state);
  await client.show("GET", done.headers.location, {
    note: ({ month, nights }) => `${month}: nights ${nights}`,
  });
}

const server = createServer(
  { requestTimeout: TIMEOUT },
  (incoming, outgoing) => {
    respond(incoming, outgoing).catch((error) => {
      console.error(error);
      outgoing.destroy();
    });
  },
);
server.listen(0, "127.0.0.1");
await once(server, "listening");
try {
  await tour(new Client(server.address().port));
} finally {
  server.close();
  server.closeAllConnections();
}
