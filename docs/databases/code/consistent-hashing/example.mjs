// Which node keeps a key: modulo, a hash ring, rendezvous hashing.
import { hash } from "node:crypto";

// --8<-- [start:show]
// One of 2 ** 48 positions, the same in every process and language: few enough
// for a number to be exact.
function position(text) {
  return hash("sha256", text, "buffer").readUIntBE(0, 6);
}

/** Immutable: when nodes come or go, make a new one and swap it in. */
class Ring {
  #points;

  constructor(nodes, pointsPerNode) {
    if (nodes.length === 0 || pointsPerNode < 1) {
      throw new RangeError("a ring needs nodes, a node needs points");
    }
    const places = Array.from({ length: pointsPerNode }, (_, n) => n);
    this.#points = nodes
      .flatMap((node) =>
        places.map((n) => ({ at: position(`${node}#${n}`), node })),
      )
      .sort((a, b) => a.at - b.at || (a.node > b.node) - (a.node < b.node));
  }

  /** The node of the first point at the key's position or after it. */
  nodeFor(key) {
    const wanted = position(key);
    let [low, high] = [0, this.#points.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#points[middle].at < wanted) low = middle + 1;
      else high = middle;
    }
    return this.#points[low % this.#points.length].node; // after the last, the first
  }
}

/** The node that draws the highest number for this key. */
function rendezvous(nodes, key) {
  const drawn = nodes.map((node) => position(`${node}#${key}`));
  return nodes[drawn.indexOf(Math.max(...drawn))];
}

function modulo(nodes, key) {
  return nodes[position(key) % nodes.length];
}

// --8<-- [end:show]

const KEYS = Array.from({ length: 10_000 }, (_, number) => `user:${number}`);
const FOUR = ["a", "b", "c", "d"];
const FIVE = ["a", "b", "c", "d", "e"];
const WITHOUT_C = ["a", "b", "d", "e"];

const byRing = (points) => (nodes) => {
  const ring = new Ring(nodes, points);
  return (key) => ring.nodeFor(key);
};

const METHODS = [
  ["modulo", (nodes) => (key) => modulo(nodes, key)],
  ["ring, 1 point a node", byRing(1)],
  ["ring, 10 points", byRing(10)],
  ["ring, 100 points", byRing(100)],
  ["ring, 1,000 points", byRing(1000)],
  ["rendezvous", (nodes) => (key) => rendezvous(nodes, key)],
];

// Which keys changed their node, as pairs of nodes.
function moves(before, after) {
  return before
    .map((from, number) => ({ from, to: after[number] }))
    .filter(({ from, to }) => from !== to);
}

function countBy(items) {
  const counts = new Map();
  for (const item of items) counts.set(item, (counts.get(item) ?? 0) + 1);
  return counts;
}

const right = (value, width) => String(value).padStart(width);

const rows = METHODS.map(([label, method]) => ({
  label,
  four: KEYS.map(method(FOUR)),
  five: KEYS.map(method(FIVE)),
  withoutC: KEYS.map(method(WITHOUT_C)),
}));

console.log("10,000 keys on nodes a, b, c, d; e joins");
console.log("                      moved  of these not to e");
for (const { label, four, five } of rows) {
  const joining = moves(four, five);
  const strays = joining.filter(({ to }) => to !== "e").length;
  const cells = right(joining.length, 5) + right(strays, 19);
  console.log(label.padEnd(22) + cells);
}

console.log(
  "\nkeys per node            a     b     c     d     e  largest / mean",
);
for (const { label, five } of rows) {
  const load = countBy(five);
  const cells = FIVE.map((node) => right(load.get(node) ?? 0, 6)).join("");
  const largest = Math.max(...load.values()) * FIVE.length * 100;
  const percent = right(Math.trunc(largest / KEYS.length), 14);
  console.log(`${label.padEnd(20)}${cells}${percent} %`);
}

console.log(
  "\nc leaves              moved  of these not from c  most of c's to one node",
);
for (const { label, five, withoutC } of rows) {
  const leaving = moves(five, withoutC);
  const own = leaving.filter(({ from }) => from === "c");
  const most = Math.max(...countBy(own.map(({ to }) => to)).values());
  const strays = leaving.length - own.length;
  const cells = right(leaving.length, 5) + right(strays, 21) + right(most, 25);
  console.log(label.padEnd(22) + cells);
}
