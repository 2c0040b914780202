// List users by query string: operators slip in, a list of words keeps them out.
const USERS = [
  { id: "1", name: "ana", status: "active", reset_code: "s7" },
  { id: "2", name: "ben", status: "blocked", reset_code: "c2" },
  { id: "3", name: "cy", status: "active", reset_code: "a4" },
  { id: "4", name: "dee", status: "active", reset_code: "k9" },
];

/** What the caller reads in a 400. */
class BadRequestError extends Error {
  name = "BadRequestError";
}

/** Reads a[b]=c as {"a": {"b": "c"}}, as qs does for Express 4. */
function nested(query) {
  const found = {};
  for (const [name, value] of new URLSearchParams(query)) {
    const brackets = /^(\w+)\[([^\]]+)]$/.exec(name);
    if (brackets) {
      found[brackets[1]] = { [brackets[2]]: value };
    } else {
      found[name] = value;
    }
  }
  return found;
}

/** Compares as a document database does: an object holds operators. */
function matches(value, wanted) {
  if (typeof wanted === "string") return value === wanted;
  const checks = {
    $ne: (operand) => value !== operand,
    $gte: (operand) => value >= operand,
  };
  return Object.entries(wanted).every(([op, operand]) => checks[op](operand));
}

/** Filters and sorts by whatever was sent. */
function naive(query) {
  const { status = {}, sort = "id" } = nested(query);
  return USERS.filter((user) => matches(user.status, status))
    .sort((a, b) => (a[sort] < b[sort] ? -1 : 1))
    .map(({ id }) => id)
    .join(" ");
}

// --8<-- [start:show]
const KNOWN = ["status", "q", "sort", "limit"];
const STATUSES = ["active", "blocked"];
const SORTS = new Map([
  ["name", "name ASC, id ASC"], // word in the URL, text in the SQL
  ["-name", "name DESC, id DESC"],
  ["joined", "created_at ASC, id ASC"],
  ["-joined", "created_at DESC, id DESC"],
]);

/** Checks every word against a list and binds every value. */
function listing(tenant, query) {
  const given = new URLSearchParams(query);
  for (const name of given.keys()) {
    if (!KNOWN.includes(name)) {
      throw new BadRequestError(`unknown parameter ${name}`);
    }
    if (given.getAll(name).length > 1) {
      throw new BadRequestError(`${name} is given twice`);
    }
  }

  const values = [tenant]; // from the session, never from the URL
  let where = "tenant_id = $1";
  if (given.has("status")) {
    if (!STATUSES.includes(given.get("status"))) {
      throw new BadRequestError("status is active or blocked");
    }
    values.push(given.get("status"));
    where += ` AND status = $${values.length}`;
  }
  if (given.has("q")) {
    values.push(likePattern(given.get("q")));
    where += ` AND name ILIKE $${values.length}`;
  }
  const order = SORTS.get(given.get("sort") ?? "name");
  if (!order) {
    throw new BadRequestError("sort is [-]name or [-]joined");
  }
  values.push(parseLimit(given.get("limit") ?? "20") + 1);
  return { sql: `${where} ORDER BY ${order} LIMIT $${values.length}`, values };
}
// --8<-- [end:show]

function likePattern(q) {
  if ([...q].length < 2 || [...q].length > 50) {
    throw new BadRequestError("q is 2 to 50 characters");
  }
  return `%${q.replace(/[\\%_]/g, "\\$&")}%`;
}

function parseLimit(text) {
  const limit = /^[0-9]{1,4}$/.test(text) ? Number(text) : 0;
  if (limit < 1 || limit > 100) {
    throw new BadRequestError("limit is 1 to 100");
  }
  return limit;
}

const TENANT = 7;
const HARMLESS = [
  "status=active",
  "status=active&q=50%25&sort=-joined&limit=2",
];
const ATTACKS = [
  "status[$ne]=none",
  "sort=reset_code",
  "status=active&status=blocked",
  "role=admin",
  "tenant_id=8",
  "q=%25",
  "limit=1000000",
  "sort=name,password",
];

console.log("nested parser, any field");
for (const query of [HARMLESS[0], ...ATTACKS.slice(0, 2)]) {
  const filters = JSON.stringify(nested(query));
  const row = query.padEnd(19) + filters.padEnd(30);
  console.log(`  ${row}users ${naive(query)}`);
}
console.log("known words only");
for (const query of HARMLESS) {
  const { sql, values } = listing(TENANT, query);
  console.log(`  ${query}`);
  console.log(`    ${sql.replace(" ORDER", "\n    ORDER")}`);
  console.log(`    ${values.join(", ")}`);
}
for (const query of ATTACKS) {
  let outcome = "accepted";
  try {
    listing(TENANT, query);
  } catch (error) {
    if (!(error instanceof BadRequestError)) throw error;
    outcome = `400 ${error.message}`;
  }
  console.log(`  ${query.padEnd(30)}${outcome}`);
}
