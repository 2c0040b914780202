// Serve one order in two versions, by path or by Accept, and compare schemas.
function version1({ id, cents }) {
  return { id, total: cents / 100 };
}

function version2({ id, cents, currency }) {
  const amount = (cents / 100).toFixed(2);
  return { id: String(id), total: { amount, currency } };
}

const ORDERS = new Map([["42", { id: 42, cents: 1990, currency: "EUR" }]]);
const RENDER = { v1: version1, v2: version2 };
const DOCS = "https://docs.shop.test";
const ROUTE = /^(?:\/(v1|v2))?\/orders\/([0-9]+)$/;
const RANGE = /^\s*([^\s;]+\/[^\s;]+)\s*(?:;\s*q=([01](?:\.[0-9]{0,3})?))?\s*$/;

/** Chooses the offer that the client likes best (RFC 9110, 12.5.1). */
function acceptable(accept, offers) {
  let [best, bestQuality] = ["", 0];
  for (const offer of offers) {
    let [specific, quality] = [-1, 0];
    const ranges = ["*/*", `${offer.split("/")[0]}/*`, offer];
    for (const item of accept.toLowerCase().split(",")) {
      const found = RANGE.exec(item); // other parameters: none of ours
      const at = found ? ranges.indexOf(found[1]) : -1;
      if (at > specific) [specific, quality] = [at, Number(found[2] ?? 1)];
    }
    if (quality > bestQuality) [best, bestQuality] = [offer, quality];
  }
  return best;
}

// --8<-- [start:show]
const DEPRECATED = new Date("2026-06-01T00:00:00Z");
const SUNSET = new Date("2027-06-01T00:00:00Z");
const GOODBYE = {
  Deprecation: `@${DEPRECATED.getTime() / 1000}`, // RFC 9745
  Sunset: SUNSET.toUTCString(), // RFC 8594
  Link: `<${DOCS}/v2>; rel="deprecation", <${DOCS}/policy>; rel="sunset"`,
};

/** Answers /v1/orders/42 in that version, /orders/42 in the accepted one. */
function respond(request, now) {
  const [, byPath, id] = ROUTE.exec(new URL(request.url).pathname) ?? [];
  const order = ORDERS.get(id);
  if (!order) return new Response("no such order", { status: 404 });
  const live = now >= SUNSET ? ["v2"] : ["v1", "v2"]; // the first is the default
  if (byPath && !live.includes(byPath)) {
    return new Response(`see ${DOCS}/v2`, { status: 410 });
  }

  const versions = byPath ? [byPath] : live;
  const types = new Map([["application/json", versions[0]]]);
  for (const v of versions)
    types.set(`application/vnd.shop.order.${v}+json`, v);
  const headers = { Vary: "Accept" }; // on every answer, the 406 too
  const offers = [...types.keys()];
  const chosen = acceptable(request.headers.get("Accept") ?? "*/*", offers);
  if (!chosen) {
    const text = `send one of ${offers.join(", ")}`;
    return new Response(text, { status: 406, headers });
  }
  headers["Content-Type"] = chosen;
  const version = types.get(chosen);
  if (version === "v1") Object.assign(headers, GOODBYE);
  return new Response(JSON.stringify(RENDER[version](order)), { headers });
}
// --8<-- [end:show]

/** Names what a client written for `old` does not survive. */
function* breaking(old, next, isRequest) {
  for (const name of Object.keys({ ...old, ...next }).sort()) {
    const [before, after] = [old[name], next[name]];
    if (!before || !after) {
      if (before) yield `${name} removed`;
      else if (after.required && isRequest) yield `${name} demanded`;
      continue;
    }
    if (before.type !== after.type) yield `${name} is ${after.type}`;
    if (before.required !== after.required && after.required === isRequest) {
      yield `${name} ${isRequest ? "demanded" : "optional"}`;
    }
    const [known, possible] = isRequest ? [after, before] : [before, after];
    for (const value of possible.values ?? []) {
      if (!known.values.includes(value)) {
        yield `${name}=${value} ${isRequest ? "refused" : "unknown"}`;
      }
    }
  }
}

const V1 = "application/vnd.shop.order.v1+json";
const V2 = "application/vnd.shop.order.v2+json";
const TODAY = new Date("2026-11-21T00:00:00Z");
const CASES = [
  ["/orders/42", "*/*", TODAY],
  ["/orders/42", V2, TODAY],
  ["/orders/42", `${V1};q=0.5, ${V2}`, TODAY],
  ["/orders/42", "application/json;version=2", TODAY],
  ["/v1/orders/42", "application/json", TODAY],
  ["/v2/orders/42", "application/json", TODAY],
  ["/v2/orders/42", V1, TODAY],
  ["/v1/orders/42", "*/*", SUNSET],
  ["/orders/42", V1, SUNSET],
  ["/orders/42", "*/*", SUNSET],
];
const one = (type, required = true, values = undefined) => ({
  type,
  required,
  values,
});
const STATUS = one("string", true, ["open", "paid"]);
const FIRST = { id: one("number"), total: one("number"), status: STATUS };
const SECOND = {
  id: one("string"),
  total: one("object"),
  status: one("string", false, ["open", "paid"]),
  channel: one("string"),
};
const COUPON = { ...FIRST, coupon: one("string", false) };
const HELD = {
  ...FIRST,
  status: one("string", true, ["open", "paid", "held"]),
};
const CHANGES = [
  ["new optional", FIRST, COUPON],
  ["new value", FIRST, HELD],
  ["value removed", HELD, FIRST],
  ["version 2", FIRST, SECOND],
];

function get(path, accept, now) {
  const url = `https://api.shop.test${path}`;
  return respond(new Request(url, { headers: { Accept: accept } }), now);
}

const bodies = new Map();
for (const version of ["v1", "v2"]) {
  const body = await get(`/${version}/orders/42`, "*/*", TODAY).text();
  bodies.set(body, version);
  console.log(version, body);
}
for (const name of ["Deprecation", "Sunset"]) {
  console.log(`   ${name}: ${GOODBYE[name]}`);
}
let day;
for (const [path, accept, now] of CASES) {
  if (now !== day) {
    day = now;
    console.log(now.toISOString().slice(0, 10));
  }
  const answer = get(path, accept, now);
  const short = accept.replaceAll("application/vnd.shop.order", "vnd");
  const version = bodies.get(await answer.text()) ?? "";
  const until = answer.headers.has("Sunset") ? " until sunset" : "";
  const cells = path.padEnd(15) + short.padEnd(32) + answer.status;
  console.log(`  ${cells} ${version}${until}`.trimEnd());
}
console.log("what breaks");
for (const [label, old, next] of CHANGES) {
  for (const isRequest of [false, true]) {
    const side = isRequest ? "requests" : "responses";
    const found = [...breaking(old, next, isRequest)].join(", ") || "-";
    console.log(`  ${label.padEnd(14)}${side.padEnd(10)}${found}`);
  }
}
