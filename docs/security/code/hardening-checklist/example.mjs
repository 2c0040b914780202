// A deliberately vulnerable API, and a checklist that turns green.
import { timingSafeEqual } from "node:crypto";

// Each stage adds one control.
const STAGES = [
  "nothing",
  "object check",
  "field list",
  "plain errors",
  "account lockout",
  "known devices",
  "headers",
  "fail closed",
];
const HEADERS = {
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "strict-transport-security": "max-age=31536000",
  "x-content-type-options": "nosniff",
};
const MAX_FAILURES = 20; // in 15 minutes; here the clock stands still

/** The service that knows who may refund does not answer. */
class PolicyDown extends Error {}

/** Its text is meant for the log. */
class DatabaseError extends Error {}

function loadOrder(number) {
  if (!/^\d+$/.test(number)) {
    throw new DatabaseError(
      `no column ${number}: SELECT * FROM orders WHERE id = ...`,
    );
  }
  const owner = { 41: "ben", 42: "ada" }[number];
  return owner && { id: number, owner };
}

const slotOf = (account, device) => JSON.stringify([account, device]);

class App {
  #controls;
  #devices = new Set([slotOf("ada", "laptop")]);
  #failures = new Map(); // in service: shared, expiring
  users = new Map([
    ["ada", { name: "Ada", role: "customer", password: "sample-0500" }],
  ]);

  constructor(controls, policy) {
    this.#controls = new Set(controls);
    this.policy = policy;
  }

  #has(control) {
    return this.#controls.has(control);
  }

  /** Stands for the slow password hash. */
  #verify(account, password) {
    const known = Buffer.from(this.users.get(account)?.password ?? "");
    const given = Buffer.from(password);
    return (
      known.length > 0 &&
      known.length === given.length &&
      timingSafeEqual(known, given)
    );
  }

  // --8<-- [start:show]
  handle(request) {
    let response;
    try {
      response = this.#route(request);
    } catch (error) {
      // in service: logged, with the request id
      const text = this.#has("plain errors") ? "internal error" : error.message;
      response = { status: 500, body: { detail: text } };
    }
    if (this.#has("headers")) {
      // here, and thus on errors too
      response.headers = { ...response.headers, ...HEADERS };
    }
    return response;
  }

  #order({ user }, number) {
    const order = loadOrder(number);
    if (!order) return { status: 404 };
    if (this.#has("object check") && order.owner !== user) {
      return { status: 404 }; // as if it did not exist
    }
    return { status: 200, body: order };
  }

  #profile({ user, body }) {
    if (
      this.#has("field list") &&
      Object.keys(body).some((key) => key !== "name")
    ) {
      return { status: 422 };
    }
    Object.assign(this.users.get(user), body);
    return { status: 204 };
  }

  #login({ device, body: { account, password } }) {
    let slot = slotOf(account, "everybody");
    if (this.#has("known devices")) {
      // strangers use up the strangers' attempts
      const known = this.#devices.has(slotOf(account, device));
      slot = slotOf(account, known ? device : "stranger");
    }
    const failures = this.#failures.get(slot) ?? 0;
    if (this.#has("account lockout") && failures >= MAX_FAILURES) {
      return { status: 429, headers: { "retry-after": "900" } };
    }
    if (!this.#verify(account, password)) {
      this.#failures.set(slot, failures + 1);
      return { status: 401 };
    }
    this.#failures.delete(slot);
    return { status: 204 };
  }

  #refund({ user }) {
    let allowed;
    try {
      allowed = this.policy(user);
    } catch (error) {
      if (!(error instanceof PolicyDown)) throw error;
      if (this.#has("fail closed")) return { status: 503 };
      allowed = true; // "customers must not suffer from our outage"
    }
    return { status: allowed ? 204 : 403 };
  }
  // --8<-- [end:show]

  #route(request) {
    const [, resource, number] = request.path.split("/");
    switch (`${request.method} ${resource}`) {
      case "GET orders":
        return this.#order(request, number);
      case "PATCH profile":
        return this.#profile(request);
      case "POST login":
        return this.#login(request);
      case "POST refunds":
        return this.#refund(request);
      default:
        return { status: 404 };
    }
  }
}

const onlySupport = (user) => user === "sam";

function down() {
  throw new PolicyDown();
}

const get = (app, path) => app.handle({ method: "GET", path, user: "ada" });
const patch = (app, body) =>
  app.handle({ method: "PATCH", path: "/profile", user: "ada", body }).status;
const refund = (app, user) =>
  app.handle({ method: "POST", path: "/refunds", user }).status;

function attempt(app, password, device = "") {
  const body = { account: "ada", password };
  return app.handle({ method: "POST", path: "/login", device, body }).status;
}

// An attack returns whether it worked.
const ATTACKS = {
  "read another's order": (app) => get(app, "/orders/41").status === 200,
  "become admin": (app) => {
    patch(app, { role: "admin" });
    return app.users.get("ada").role === "admin";
  },
  "learn from an error": (app) =>
    get(app, "/orders/x").body.detail.includes("SELECT"),
  "guess a password": (app) => {
    for (let n = 0; n < 1000; n += 1) {
      if (attempt(app, `sample-${String(n).padStart(4, "0")}`) === 204)
        return true;
    }
    return false;
  },
  "lock the owner out": (app) => {
    for (let n = 0; n < 1000; n += 1) attempt(app, "wrong");
    return attempt(app, "sample-0500", "laptop") !== 204;
  },
  "sniff or cache a reply": (app) => {
    const { headers = {} } = get(app, "/orders/x");
    return Object.entries(HEADERS).some(
      ([name, value]) => headers[name] !== value,
    );
  },
  "refund in an outage": (app) => {
    app.policy = down;
    return refund(app, "ada") === 204;
  },
};

function honestUse(app) {
  return (
    attempt(app, "typo", "laptop") === 401 &&
    attempt(app, "sample-0500", "laptop") === 204 &&
    get(app, "/orders/42").status === 200 &&
    patch(app, { name: "Ada L." }) === 204 &&
    refund(app, "sam") === 204 &&
    refund(app, "ada") === 403
  );
}

const appAt = (stage) => new App(STAGES.slice(1, stage + 1), onlySupport);

function row(label, cell) {
  const cells = STAGES.map((_, stage) => String(cell(stage)).padStart(6));
  console.log(label.padEnd(24) + cells.join(""));
}

STAGES.forEach((control, stage) => {
  console.log(`stage ${stage}: ${stage ? "+ " : ""}${control}`);
});
row("attack at stage", (stage) => stage);
for (const [name, attack] of Object.entries(ATTACKS)) {
  row(name, (stage) => (attack(appAt(stage)) ? "OPEN" : "shut"));
}
row("honest use", (stage) => (honestUse(appAt(stage)) ? "works" : "FAILS"));
