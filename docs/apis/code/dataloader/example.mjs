// Run GraphQL queries over a table and count the SQL statements they need.
import { isDeepStrictEqual } from "node:util";

const MAX_TOKENS = 1000;
const MAX_DEPTH = 6;
const MAX_COST = 1000; // objects that one answer may hold
const MAX_FIRST = 50;

// The type of a field: an object, or a list of objects; scalars have none.
const one = (of) => ({ of, many: false });
const list = (of) => ({ of, many: true });
const SCHEMA = {
  Query: new Map([
    ["users", list("User")],
    ["posts", list("Post")],
  ]),
  User: new Map([
    ["name", null],
    ["posts", list("Post")],
  ]),
  Post: new Map([
    ["title", null],
    ["author", one("User")],
    ["reviewer", one("User")],
  ]),
};

/** The query is refused; nothing has been executed. */
class QueryError extends Error {}

/** Null here, the rest of the answer stays. */
class FieldError extends Error {}

/** Selections, aliases and the argument first: a small part of GraphQL. */
class Parser {
  constructor(query) {
    this.tokens = query.match(/\w+|[^\s\w]/g) ?? [];
    this.at = 0;
    if (this.tokens.length > MAX_TOKENS) {
      throw new QueryError(`${this.tokens.length} tokens, limit ${MAX_TOKENS}`);
    }
  }

  get next() {
    return this.tokens[this.at] ?? "";
  }

  take(pattern) {
    const token = this.next;
    if (!pattern.test(token)) throw new QueryError(`unexpected "${token}"`);
    this.at += 1;
    return token;
  }

  selection() {
    this.take(/^\{$/);
    const fields = [];
    while (this.next !== "}") {
      const alias = this.take(/^[a-z]\w*$/);
      const node = { alias, name: alias, first: 10, selection: [] };
      if (this.next === ":") {
        this.take(/^:$/);
        node.name = this.take(/^[a-z]\w*$/);
      }
      if (this.next === "(") {
        this.take(/^\($/);
        this.take(/^first$/);
        this.take(/^:$/);
        node.first = Number(this.take(/^\d{1,9}$/));
        this.take(/^\)$/);
      }
      if (this.next === "{") node.selection = this.selection();
      fields.push(node);
    }
    this.take(/^\}$/);
    return fields;
  }
}

/** Two tables in memory; it keeps a log of the statements it was sent. */
class Database {
  log = [];

  users = Array.from({ length: 50 }, (_, n) => ({
    id: n + 1,
    name: `user ${n + 1}`,
  }));

  posts = Array.from({ length: 200 }, (_, n) => ({
    id: n + 1,
    title: `post ${n + 1}`,
    authorId: n === 1 ? 99 : (n % 50) + 1, // 99 was deleted
    reviewerId: n % 3 === 2 ? null : ((n + 1) % 50) + 1,
  }));

  async first(table, first) {
    this.log.push(`${table} LIMIT ${first}`);
    return this[table].slice(0, first);
  }

  async usersById(ids) {
    const rows = this.users.filter(({ id }) => ids.includes(id)).reverse();
    const order = rows.map(({ id }) => id).join(", ");
    const wanted = ids.join(", ");
    this.log.push(`users WHERE id IN (${wanted}), rows come as ${order}`);
    return new Map(rows.map((row) => [row.id, row]));
  }

  async postsOf(ids, first) {
    const wanted = ids.join(", ");
    this.log.push(`posts WHERE author_id IN (${wanted}), ${first} for each`);
    const found = new Map(ids.map((id) => [id, []]));
    for (const row of this.posts) {
      const mine = found.get(row.authorId);
      if (mine && mine.length < first) mine.push(row);
    }
    return found;
  }
}

// --8<-- [start:show]
/** Collects the keys of one tick, asks once, remembers for one request. */
class DataLoader {
  cache = new Map();
  queue = [];

  constructor(batch) {
    this.batch = batch;
  }

  load(key) {
    if (!this.cache.has(key)) {
      const waiting = { key, ...Promise.withResolvers() };
      this.cache.set(key, waiting.promise); // also while its statement runs
      this.queue.push(waiting);
      // Runs when the promises of this tick have settled.
      if (this.queue.length === 1) setImmediate(() => this.dispatch());
    }
    return this.cache.get(key);
  }

  async dispatch() {
    const batch = this.queue;
    this.queue = [];
    try {
      const found = await this.batch(batch.map(({ key }) => key)); // one statement
      // By key, not by position.
      for (const { key, resolve } of batch) resolve(found.get(key) ?? null);
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }
}

/** Counts the objects the answer may hold; aliases count as what they are. */
function cost(fields, kind) {
  let total = 0;
  for (const node of fields) {
    const child = SCHEMA[kind].get(node.name);
    if (!child) continue;
    const times = child.many ? node.first : 1;
    total += times * (1 + cost(node.selection, child.of));
  }
  return total;
}

// --8<-- [end:show]

const depth = (fields) =>
  fields.reduce((most, node) => Math.max(most, 1 + depth(node.selection)), 0);

/** Runs after validation and before the first resolver. */
function refuseExcess(fields) {
  const levels = depth(fields); // first: it bounds what cost multiplies
  if (levels > MAX_DEPTH) {
    throw new QueryError(`depth ${levels}, limit ${MAX_DEPTH}`);
  }
  const total = cost(fields, "Query");
  if (total > MAX_COST)
    throw new QueryError(`cost ${total}, limit ${MAX_COST}`);
}

/** What resolvers read from: one for each request, never shared. */
class Batched {
  loaders = new Map();

  constructor(db) {
    this.db = db;
    this.users = new DataLoader((ids) => db.usersById(ids));
  }

  first = (table, first) => this.db.first(table, first);

  user = (id) => this.users.load(id);

  posts(author, first) {
    if (!this.loaders.has(first)) {
      const loader = new DataLoader((ids) => this.db.postsOf(ids, first));
      this.loaders.set(first, loader); // the argument is part of the key
    }
    return this.loaders.get(first).load(author);
  }
}

/** A statement for each call. */
class Naive {
  constructor(db) {
    this.db = db;
  }

  first = (table, first) => this.db.first(table, first);

  user = async (id) => (await this.db.usersById([id])).get(id) ?? null;

  posts = async (author, first) =>
    (await this.db.postsOf([author], first)).get(author);
}

const RESOLVERS = {
  Query: (data, _, node) => data.first(node.name, node.first),
  "User.posts": (data, user, node) => data.posts(user.id, node.first),
  "Post.author": async (data, post) => {
    const author = await data.user(post.authorId);
    if (!author) throw new FieldError(`no user ${post.authorId}`);
    return author;
  },
  "Post.reviewer": (data, post) =>
    post.reviewerId === null ? null : data.user(post.reviewerId),
};

/** Resolves the fields of an object side by side, those of its parts too. */
async function execute(data, errors, fields, kind, row, path) {
  const value = async (node) => {
    const here = path ? `${path}.${node.alias}` : node.alias;
    const resolver = RESOLVERS[kind] ?? RESOLVERS[`${kind}.${node.name}`];
    let found;
    try {
      found = await (resolver ? resolver(data, row, node) : row[node.name]);
    } catch (error) {
      if (!(error instanceof FieldError)) throw error;
      errors.push(`${here}: ${error.message}`);
      return null;
    }
    const child = SCHEMA[kind].get(node.name);
    if (!child || found === null) return found;
    const part = (item, at) =>
      execute(data, errors, node.selection, child.of, item, at);
    if (!child.many) return part(found, here);
    return Promise.all(found.map((item, n) => part(item, `${here}.${n}`)));
  };
  const values = await Promise.all(fields.map(value));
  return Object.fromEntries(fields.map(({ alias }, n) => [alias, values[n]]));
}

function validate(fields, kind) {
  for (const { name, first, selection } of fields) {
    const child = SCHEMA[kind].get(name);
    if (child === undefined)
      throw new QueryError(`${kind} has no field ${name}`);
    if (!child !== (selection.length === 0)) {
      throw new QueryError(`selection of ${name} does not fit its type`);
    }
    if (first < 1 || first > MAX_FIRST) {
      throw new QueryError(`first must be 1 to ${MAX_FIRST}`);
    }
    if (child) validate(selection, child.of);
  }
}

async function run(query, data) {
  const fields = new Parser(query).selection();
  validate(fields, "Query");
  refuseExcess(fields);
  const errors = [];
  const answer = await execute(data, errors, fields, "Query", {}, "");
  return { answer, errors };
}

const screen = (users) =>
  `{ users(first: ${users}) { name posts(first: 2) { title author { name } } } }`;
const EDGES = "{ posts(first: 4) { author { name } reviewer { name } title } }";

console.log(screen(3));
for (const users of [3, 10, 50]) {
  const [first, second] = [new Database(), new Database()];
  const naive = await run(screen(users), new Naive(first));
  const batched = await run(screen(users), new Batched(second));
  const same = isDeepStrictEqual(naive, batched) ? "same data" : "other data";
  const statements = String(first.log.length).padStart(3);
  console.log(
    `  ${String(users).padStart(2)} users: naive ${statements} statements, ` +
      `DataLoader ${second.log.length}, ${same}`,
  );
  if (users === 3) for (const entry of second.log) console.log(`    ${entry}`);
}

console.log(EDGES);
const db = new Database();
const { answer, errors } = await run(EDGES, new Batched(db));
console.log(`    ${db.log.at(-1)}`);
for (const [n, { author, reviewer }] of answer.posts.entries()) {
  const names = [author, reviewer].map((person) => person?.name ?? "null");
  console.log(`  posts.${n}: author ${names[0]}, reviewer ${names[1]}`);
}
console.log(`  error at ${errors.join("; ")}`);

console.log("user 1 is renamed");
const query = "{ posts(first: 1) { author { name } } }";
const shared = new Batched(db);
await run(query, shared);
db.users[0] = { id: 1, name: "Ada" };
for (const [label, data] of [
  ["new loader:", new Batched(db)],
  ["shared loader:", shared],
]) {
  const { answer } = await run(query, data);
  console.log(`  ${label.padEnd(15)}${answer.posts[0].author.name}`);
}

console.log(
  `limits: ${MAX_TOKENS} tokens, depth ${MAX_DEPTH}, cost ${MAX_COST}`,
);
const aliases = Array.from(
  { length: 60 },
  (_, n) => `a${n}: users(first: 20) { name }`,
);
const [open, close] = ["{ author { posts(first: 1) ", "} } "];
const deep = `{ posts(first: 1) ${open.repeat(3)}{ title } ${close.repeat(3)}}`;
const hostile = {
  "posts of their authors, and so on": deep,
  "lists in lists in lists":
    "{ users(first: 50) { posts(first: 50) { author { posts { title } } } } }",
  "60 aliases of 20 users": `{ ${aliases.join(" ")} }`,
  "one field 2000 times": `{ users { ${"name ".repeat(2000)}} }`,
  "a million users": "{ users(first: 1000000) { name } }",
};
for (const [label, query] of Object.entries(hostile)) {
  const db = new Database();
  try {
    await run(query, new Batched(db));
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    const refused = `${error.message}; ${db.log.length} statements`;
    console.log(`  ${`${label}:`.padEnd(35)}${refused}`);
  }
}
