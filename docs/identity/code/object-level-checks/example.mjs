// Decide who may do what to which invoice, and test every combination.
const INVOICES = [
  { id: 1, tenant: "acme", owner: "ana", cents: 40_00 },
  { id: 2, tenant: "acme", owner: "ben", cents: 400_00 },
  { id: 3, tenant: "acme", owner: "ben", cents: 4000_00 },
  { id: 4, tenant: "globex", owner: "dee", cents: 400_00 },
];

// --8<-- [start:show]
const OWNER_MAY = new Set(["read", "update"]);
const ROLE_MAY = new Map([
  ["accountant", new Set(["read"])],
  ["admin", new Set(["read", "update", "delete"])],
]); // a member may do nothing by role
const APPROVAL_LIMIT = new Map([
  ["accountant", 1000_00], // cents
  ["admin", 100_000_00],
]);

/** Says yes for a reason that is written here; whatever is left is no. */
function allowed(actor, action, invoice) {
  if (!actor.active || actor.tenant !== invoice.tenant) {
    return false; // before any role: no role reaches into another tenant
  }
  if (action === "approve") {
    // Role, attribute and relationship in one rule.
    const limit = APPROVAL_LIMIT.get(actor.role) ?? 0;
    return invoice.owner !== actor.id && invoice.cents <= limit;
  }
  if (invoice.owner === actor.id && OWNER_MAY.has(action)) return true;
  return ROLE_MAY.get(actor.role)?.has(action) ?? false;
}

/** Says what lists and lookups may find: in SQL, the WHERE of every query. */
function visible(actor, { tenant, owner }) {
  if (!actor.active || actor.tenant !== tenant) return false;
  return owner === actor.id || (ROLE_MAY.get(actor.role)?.has("read") ?? false);
}

/** Checks that somebody is logged in, and nothing else: the BOLA bug. */
function byIdAlone(actor, action, id) {
  if (!actor) return 401;
  return INVOICES.some((invoice) => invoice.id === id) ? 200 : 404;
}

function scoped(actor, action, id) {
  if (!actor) return 401;
  const invoice = INVOICES.find(
    (each) => each.id === id && visible(actor, each),
  );
  if (!invoice) return 404; // absent, or not yours: the same answer
  return allowed(actor, action, invoice) ? 200 : 403;
}
// --8<-- [end:show]

const ANA = { id: "ana", tenant: "acme", role: "member", active: true };
const EVE = { id: "eve", tenant: "acme", role: "accountant", active: true };
const ADA = { id: "ada", tenant: "acme", role: "admin", active: true };
const DEE = { id: "dee", tenant: "globex", role: "admin", active: true };
const MATRIX = [
  // own, small, large, in the other tenant
  ["member", ANA, ["RU---", "-----", "-----", "-----"]],
  ["accountant", EVE, ["RU---", "R--A-", "R----", "-----"]],
  ["admin", ADA, ["RUD--", "RUDA-", "RUDA-", "-----"]],
  [
    "suspended admin",
    { ...ADA, active: false },
    ["-----", "-----", "-----", "-----"],
  ],
  ["admin of globex", DEE, ["-----", "-----", "-----", "RUD--"]],
];
const ACTIONS = {
  R: "read",
  U: "update",
  D: "delete",
  A: "approve",
  X: "export",
};

function withoutTenant(actor, action, invoice) {
  return allowed(actor, action, { ...invoice, tenant: actor.tenant });
}

/** Tries every action on an invoice of one's own, and on the others. */
function decisions(policy, actor) {
  const own = { ...INVOICES[0], owner: actor.id };
  return [own, ...INVOICES.slice(1)].map((invoice) =>
    Object.entries(ACTIONS)
      .map(([letter, action]) =>
        policy(actor, action, invoice) ? letter : "-",
      )
      .join(""),
  );
}

function wrong(policy) {
  return MATRIX.flatMap(([name, actor, expected]) =>
    decisions(policy, actor)
      .map((have, at) => [have, expected[at]])
      .filter(([have, want]) => have !== want)
      .map(([have, want]) => `${name} ${have} for ${want}`),
  );
}

console.log(`${" ".repeat(17)}own    small  large  globex's`);
for (const [name, actor] of MATRIX) {
  console.log(name.padEnd(17) + decisions(allowed, actor).join("  "));
}
console.log(`100 decisions, wrong cells: ${wrong(allowed).length}`);
const findings = wrong(withoutTenant);
console.log(
  `without the tenant check: ${findings.length}, first ${findings[0]}`,
);
const pairs = MATRIX.flatMap(([, actor]) =>
  INVOICES.map((invoice) => [actor, invoice]),
);
const agree = pairs.filter(
  ([actor, invoice]) =>
    allowed(actor, "read", invoice) === visible(actor, invoice),
);
console.log(
  `lists and policy agree on ${agree.length} of ${pairs.length} pairs`,
);
console.log("ana asks for invoices 1 to 5");
for (const [name, handler] of [
  ["by id alone", byIdAlone],
  ["in her scope", scoped],
]) {
  const statuses = [1, 2, 3, 4, 5].map((id) => handler(ANA, "read", id));
  console.log(`  ${name.padEnd(14)}${statuses.join(" ")}`);
}
console.log("somebody deletes invoice 2");
for (const [name, actor] of Object.entries({
  nobody: undefined,
  ana: ANA,
  eve: EVE,
  ada: ADA,
})) {
  console.log(`  ${name.padEnd(14)}${scoped(actor, "delete", 2)}`);
}
