// A shop in documents: what one read answers, and what no read answers.

// Documents by id, of any shape; counts what it opens and what it writes.
class Collection {
  #stored = new Map();
  opened = 0;
  written = 0;

  constructor(...documents) {
    for (const document of documents) this.put(document);
    this.written = 0;
  }

  get(key) {
    this.opened += 1;
    return JSON.parse(this.#stored.get(key));
  }

  // Without an index, every document is opened.
  find(matches) {
    return [...this.#stored.keys()].map((key) => this.get(key)).filter(matches);
  }

  // Write one whole document: the unit that is atomic.
  put(document) {
    this.#stored.set(document.id, JSON.stringify(document));
    this.written += 1;
  }

  set(key, fields) {
    this.put({ ...JSON.parse(this.#stored.get(key)), ...fields });
  }
}

// --8<-- [start:show]
// Easy: the document is the screen.
function orderPage(orders, key) {
  return current(orders.get(key));
}

// Hard: the answer lies across all documents.
function sold(orders) {
  const pieces = new Map();
  for (const order of orders.find(() => true).map(current)) {
    for (const { sku, quantity } of order.lines) {
      pieces.set(sku, (pieces.get(sku) ?? 0) + quantity);
    }
  }
  return pieces;
}

// Hard: the copies must be found, and a crash leaves some of them old.
function changeEmail(customers, orders, key, email) {
  customers.set(key, { email });
  for (const { id } of orders.find(({ customer }) => customer.id === key)) {
    orders.set(id, { customer: { id: key, email } });
  }
}

// The schema, in the reader: version 1 had a price and one piece a line.
function current(order) {
  if (order.version === 2) return order;
  const lines = order.lines.map(({ sku, price }) => {
    return { sku, quantity: 1, cents: Math.round(price * 100) };
  });
  return { ...order, lines, version: 2 };
}

// Two documents are two writes, unless the store has transactions.
function place(orders, stock, order, between) {
  orders.put(order);
  between();
  for (const { sku, quantity } of order.lines) {
    stock.set(sku, { left: stock.get(sku).left - quantity });
  }
}
// --8<-- [end:show]

class Crash extends Error {}

function crash() {
  throw new Crash("the process died here");
}

function newOrder(id, customer, status, ...lines) {
  const who = { id: customer, email: `${customer}@shop.test` };
  const version = lines.some(({ price }) => price !== undefined) ? 1 : 2;
  return { id, version, customer: who, status, lines };
}

const keyboard = (quantity) => ({ sku: "KB", quantity, cents: 8900 });
const mouse = (quantity) => ({ sku: "MS", quantity, cents: 2500 });
const book = (quantity) => ({ sku: "BK", quantity, cents: 3200 });

function step(title, ...collections) {
  let opened = 0;
  let written = 0;
  for (const collection of collections) {
    opened += collection.opened;
    written += collection.written;
    collection.opened = collection.written = 0;
  }
  const counts = `${opened}`.padStart(6) + `${written}`.padStart(9);
  console.log(title.padEnd(44) + counts);
}

const customers = new Collection(
  ...["ada", "ben", "cem"].map((id) => ({ id, email: `${id}@shop.test` })),
);
const old = [
  { sku: "KB", price: 89 },
  { sku: "MS", price: 25 },
];
const orders = new Collection(
  newOrder("A1", "ada", "paid", ...old),
  newOrder("A2", "ben", "open", mouse(2)),
  newOrder("A3", "ada", "open", book(1), mouse(1)),
  newOrder("A4", "ada", "paid", keyboard(1)),
  newOrder("A5", "cem", "paid", book(2)),
);
const stock = new Collection({ id: "KB", left: 5 });
const everything = [customers, orders, stock];
console.log("5 orders, 3 customers".padEnd(44) + "opened  written");

const page = orderPage(orders, "A1");
const cents = page.lines.reduce(
  (sum, line) => sum + line.quantity * line.cents,
  0,
);
step("easy: the page of order A1", ...everything);
console.log(
  `  ${page.customer.email}, ${page.lines.length} lines, ${cents} cents`,
);

const pieces = [...sold(orders)].sort(([a], [b]) => (a < b ? -1 : 1));
step("hard: pieces sold of each product", ...everything);
console.log(`  ${pieces.map((pair) => pair.join(" ")).join(", ")}`);

changeEmail(customers, orders, "ada", "ada@home.test");
step("hard: ada changes her address", ...everything);

orders.set("A3", { statsu: "paid" });
step("accepted: statsu = paid for A3", ...everything);
const unpaid = orders.find(({ status }) => status === "open");
step("hard: which orders are open, no index", ...everything);
console.log(`  ${unpaid.map(({ id }) => id).join(", ")}`);

try {
  place(orders, stock, newOrder("A6", "ben", "open", keyboard(1)), crash);
} catch (error) {
  if (!(error instanceof Crash)) throw error;
  step("half: a crash between order and stock", ...everything);
}
const { left } = stock.get("KB");
const soldNow = sold(orders).get("KB");
console.log(`  KB sold: ${soldNow}, in stock before and after: 5, ${left}`);
