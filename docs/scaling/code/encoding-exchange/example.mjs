// Negotiate a content coding, and read compressed request bodies within a limit.
import { gunzipSync, gzipSync } from "node:zlib";

const OURS = ["br", "gzip", "identity"]; // what the server can send, best first
const LIMIT = 65536; // bytes of a request body, counted after decompression

// Quality values as thousandths, by lower-case name.
function weights(accept) {
  const found = new Map();
  for (const member of accept.toLowerCase().split(",")) {
    const [name, parameter = "q=1"] = member.split(";").map((s) => s.trim());
    const quality = /^q=([01])(?:\.(\d{0,3}))?$/.exec(parameter);
    if (name === "" || quality === null) continue;
    const digits = (quality[2] ?? "").padEnd(3, "0");
    found.set(name, Math.min(Number(quality[1] + digits), 1000));
  }
  return found;
}

// --8<-- [start:show]
// The coding to send; undefined if the client excludes all of ours.
function choose(accept) {
  // Anything is allowed; plain is what always works.
  if (accept === undefined) return "identity";
  const asked = weights(accept);
  let best;
  let bestWeight = 0;
  for (const coding of OURS) {
    // identity is acceptable unless excluded, but nobody asked for it.
    const unnamed = coding === "identity" ? 1 : 0;
    const weight = asked.get(coding) ?? asked.get("*") ?? unnamed;
    // Of equals the first wins: our own order.
    if (weight > bestWeight) [best, bestWeight] = [coding, weight];
  }
  return best;
}

// Status and content; the limit holds for what comes out.
function readBody(coding, wire) {
  if (coding === "identity") {
    return wire.length <= LIMIT ? [200, wire] : [413, ""];
  }
  // The answer carries Accept-Encoding: gzip.
  if (coding !== "gzip" && coding !== "x-gzip") return [415, ""];
  try {
    return [200, gunzipSync(wire, { maxOutputLength: LIMIT })];
  } catch (error) {
    return [error.code === "ERR_BUFFER_TOO_LARGE" ? 413 : 400, ""];
  }
}

// --8<-- [end:show]

console.log("Accept-Encoding             response is sent as");
for (const accept of [
  undefined,
  "",
  "gzip, br",
  "gzip;q=1.0, br;q=0.8",
  "GZIP;q=0.5, identity",
  "br;q=0, *;q=0.1",
  "zstd",
  "zstd, identity;q=0",
  "*;q=0",
]) {
  const label = accept === undefined ? "(absent)" : accept || "(empty)";
  console.log(`  ${label.padEnd(26)}${choose(accept) ?? "406"}`);
}

const order = Buffer.from('{"item":"lamp","qty":2}');
const packed = gzipSync(order);
const bomb = gzipSync(Buffer.alloc(10_000_000));
console.log("\nrequest body                   status");
for (const [label, coding, wire] of [
  ["gzip", "gzip", packed],
  ["gzip, cut off", "gzip", packed.subarray(0, -9)],
  ["gzip in name only", "gzip", order],
  ["gzip twice", "gzip, gzip", gzipSync(packed)],
  ["br, which we do not read", "br", order],
  ["identity, over the limit", "identity", Buffer.alloc(LIMIT + 1)],
  ["gzip bomb", "gzip", bomb],
]) {
  const [status, body] = readBody(coding, wire);
  console.log(`  ${label.padEnd(29)}${status} ${body}`.trimEnd());
}
const small = bomb.length < LIMIT ? "yes" : "no";
console.log(`the bomb itself is below the limit: ${small}`);
