// Feature flags: evaluation order, buckets, and a report of stale ones.
import { createHash } from "node:crypto";

const TODAY = "2026-11-21";

// --8<-- [start:show]
/** 0 to 9,999; the same on every machine, in every language, forever. */
function bucket(salt, userId) {
  const digest = createHash("sha256").update(`${salt}:${userId}`).digest();
  return digest.readUInt32BE(0) % 10_000;
}

/**
 * flag.rollout is in hundredths of a percent, 0 to 10,000;
 * flag.enabled = false is the kill switch.
 */
function evaluate(flag, user) {
  if (!flag.enabled) return ["off", "DISABLED"];
  for (const { attribute, values, variant } of flag.rules) {
    // the first that matches decides
    if (values.has(user[attribute])) return [variant, "TARGETING_MATCH"];
  }
  if (user.id === undefined) return ["off", "DEFAULT"];
  const inside = bucket(flag.salt, user.id) < flag.rollout;
  return [inside ? "on" : "off", "SPLIT"];
}
// --8<-- [end:show]

const daysSince = (date) => (Date.parse(TODAY) - Date.parse(date)) / 86_400_000;

function stale({ kind, expires, rollout, changed, evaluated }) {
  const unread = daysSince(evaluated);
  const settled = daysSince(changed);
  if (unread > 30) {
    return `not evaluated for ${unread} days: delete it from the service`;
  }
  if (kind === "ops" || kind === "permission") return null; // meant to stay
  if ((rollout === 0 || rollout === 10_000) && settled > 30) {
    const state = rollout ? "on" : "off";
    return `${state} for all for ${settled} days: remove the branch`;
  }
  if (expires && daysSince(expires) > 0) {
    return `expired ${daysSince(expires)} days ago: decide`;
  }
  return null;
}

const record = (
  key,
  kind,
  owner,
  expires,
  rollout,
  changed,
  evaluated = TODAY,
) => ({ key, kind, owner, expires, rollout, changed, evaluated });

const RECORDS = [
  record(
    "new-checkout",
    "release",
    "checkout",
    "2026-12-31",
    500,
    "2026-11-18",
  ),
  record("search-v2", "release", "search", "2026-07-01", 10_000, "2026-06-20"),
  record(
    "button-text",
    "experiment",
    "growth",
    "2026-11-01",
    5000,
    "2026-10-11",
  ),
  record(
    "legacy-export",
    "release",
    "data",
    "2026-03-01",
    0,
    "2026-02-02",
    "2026-08-30",
  ),
  record("stop-payouts", "ops", "payments", null, 0, "2025-04-09"),
];

const staff = {
  attribute: "group",
  values: new Set(["staff", "beta"]),
  variant: "on",
};
const blocked = {
  attribute: "country",
  values: new Set(["NO"]),
  variant: "off",
};
const flag = {
  key: "new-checkout",
  salt: "a1f3",
  rollout: 500,
  enabled: true,
  rules: [staff, blocked],
};
const killed = { ...flag, enabled: false };
for (const [name, state, user] of [
  ["staff member", flag, { id: "ada", group: "staff", country: "NO" }],
  ["customer in NO", flag, { id: "user-7", country: "NO" }],
  ["user-7", flag, { id: "user-7" }],
  ["user-4", flag, { id: "user-4" }],
  ["visitor without id", flag, {}],
  ["staff, flag killed", killed, { id: "ada", group: "staff" }],
]) {
  const [variant, reason] = evaluate(state, user);
  const place =
    reason === "SPLIT" ? ` bucket ${bucket(flag.salt, user.id)}` : "";
  console.log(`${name.padEnd(20)}${variant.padEnd(5)}${reason}${place}`);
}

const users = Array.from({ length: 10_000 }, (_, n) => ({ id: `user-${n}` }));
const on = (flag) =>
  new Set(users.filter((user) => evaluate(flag, user)[0] === "on"));
const count = (set, wanted) => [...set].filter(wanted).length;

console.log("the percentage grows, 10,000 users");
let before = new Set();
for (const rollout of [5, 100, 500, 2500]) {
  const now = on({ ...flag, rollout });
  const lost = count(before, (user) => !now.has(user));
  const percent = (rollout / 100).toFixed(2).padStart(7);
  console.log(
    `${percent}% ${String(now.size).padStart(6)} on, ${lost} lost it`,
  );
  before = now;
}

const half = { ...flag, rollout: 5000 };
const first = on(half);
const twin = on({ ...half, key: "other" });
const apart = on({ ...half, key: "other", salt: "9c07" });
const same = count(first, (user) => twin.has(user));
const own = count(first, (user) => apart.has(user));
console.log(
  `two flags at 50%: on in both ${same} with one salt, ${own} with two`,
);

console.log(`stale flags on ${TODAY}`);
for (const entry of RECORDS) {
  const why = stale(entry);
  if (why) {
    console.log(`  ${entry.key.padEnd(14)}${entry.owner.padEnd(8)}${why}`);
  }
}
