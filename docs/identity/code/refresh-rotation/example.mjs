// Rotating refresh tokens in families: the second use gives the theft away.
import { createHash } from "node:crypto";

const GRACE_SECONDS = 10;
const IDLE_SECONDS = 14 * 86_400;
const FAMILY_SECONDS = 60 * 86_400;

/** For the log: the caller learns no more than 400 and invalid_grant. */
class RefusedError extends Error {}

/** Random tokens of 256 bits need neither a salt nor a slow hash. */
const digest = (value) => createHash("sha256").update(value).digest("hex");

/**
 * A family is one login of one client: {user, client, ends, revoked}. A row of
 * #tokens has no token in it, its hash is the key: {family, expires, state,
 * usedAt, successor}; the state is live, then used, or replaced before any use.
 */
class Families {
  #clock; // seconds
  #source; // in production: randomBytes(32).toString("base64url")
  #tokens = new Map();

  constructor(clock, source) {
    this.#clock = clock;
    this.#source = source;
  }

  login(user, client) {
    const ends = this.#clock() + FAMILY_SECONDS;
    const [value] = this.#issue({ user, client, ends, revoked: false });
    return { value, again: false };
  }

  // --8<-- [start:show]
  // No await in here; in SQL: lock the family's row, commit before answering.
  refresh(value, client) {
    const token = this.#tokens.get(digest(value));
    if (!token) throw new RefusedError("unknown token");
    const { family } = token;
    const now = this.#clock();
    if (family.client !== client) throw new RefusedError("not this client's");
    if (family.revoked) throw new RefusedError("family revoked");
    if (now >= token.expires) throw new RefusedError("expired");
    const again = this.#undelivered(token, now);
    if (again) {
      token.successor.state = "replaced"; // never two live ones
    } else if (token.state === "live") {
      token.state = "used";
      token.usedAt = now;
    } else {
      family.revoked = true; // commit it, although the caller gets an error
      throw new RefusedError("reuse, family revoked");
    }
    const [issued, successor] = this.#issue(family);
    token.successor = successor;
    return { value: issued, again };
  }

  /** Perhaps the answer was lost: a recent use, its successor never seen. */
  #undelivered(token, now) {
    const recent = token.state === "used" && now < token.usedAt + GRACE_SECONDS;
    return recent && token.successor.state === "live";
  }

  #issue(family) {
    const value = this.#source();
    const expires = Math.min(this.#clock() + IDLE_SECONDS, family.ends);
    const token = { family, expires, state: "live", usedAt: 0 };
    this.#tokens.set(digest(value), token);
    return [value, token];
  }
  // --8<-- [end:show]
}

/** What not to write: a used token is forgotten, and so is its owner. */
class RotationOnly {
  #source;
  #users = new Map();

  constructor(source) {
    this.#source = source;
  }

  login(user) {
    const value = this.#source();
    this.#users.set(digest(value), user);
    return { value, again: false };
  }

  refresh(value) {
    const key = digest(value);
    const user = this.#users.get(key);
    if (!this.#users.delete(key)) throw new RefusedError("unknown token");
    return this.login(user);
  }
}

const SCENES = [
  [
    "a thief copied R1 and is first",
    [300, "thief", "app", "R1"],
    [600, "victim", "app", "R1"],
    [900, "thief", "app", "R3"],
    [901, "laptop", "app", "R2"],
  ],
  [
    "a thief copied R1 and is second",
    [300, "victim", "app", "R1"],
    [600, "thief", "app", "R1"],
    [900, "victim", "app", "R3"],
  ],
  [
    "the first answer is lost, and later the retry comes too late",
    [300, "victim", "app", "R1"],
    [302, "victim", "app", "R1"],
    [600, "victim", "app", "R4"],
    [660, "victim", "app", "R4"],
  ],
  [
    "a thief hides within the grace",
    [300, "victim", "app", "R1"],
    [305, "thief", "app", "R1"],
    [600, "victim", "app", "R3"],
  ],
  [
    "the token of another client, and one left idle for 14 days",
    [300, "thief", "other", "R1"],
    [IDLE_SECONDS, "laptop", "app", "R2"],
  ],
];

function numbered() {
  let issued = 0;
  return () => `R${++issued}`;
}

function answer(server, value, client) {
  try {
    const issued = server.refresh(value, client);
    return issued.value + (issued.again ? " (a retry)" : "");
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    return `refused: ${error.message}`;
  }
}

function line(second, who, sends, rotation, families) {
  const left = `${String(second).padStart(7)}  ${who.padEnd(8)}`;
  console.log(`${left}${sends.padEnd(7)}${rotation.padEnd(25)}${families}`);
}

line("second", "who", "sends", "rotation only", "families");
for (const [title, ...steps] of SCENES) {
  console.log(`${title}:`);
  let now = 0;
  const servers = [
    new RotationOnly(numbered()),
    new Families(() => now, numbered()),
  ];
  for (const server of servers) {
    server.login("ada", "app"); // the victim's phone: R1
    server.login("ada", "app"); // the victim's laptop: R2
  }
  for (const [second, who, client, value] of steps) {
    now = second;
    line(second, who, value, ...servers.map((s) => answer(s, value, client)));
  }
}
