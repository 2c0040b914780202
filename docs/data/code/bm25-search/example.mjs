// A small search engine: analysis, inverted index, BM25, phrases, typos, facets.
const product = (brand, kind, title, body) => ({ brand, kind, title, body });

const PRODUCTS = new Map([
  [1, product("Alto", "shoes", "Trail running shoes", "Grip for wet rock.")],
  [
    2,
    product("Alto", "shoes", "Road running shoes", "Soft shoes for the city."),
  ],
  [
    3,
    product(
      "Nord",
      "shoes",
      "Waterproof hiking shoes",
      "A sturdy waterproof shoe for long days in wet hills.",
    ),
  ],
  [
    4,
    product(
      "Nord",
      "socks",
      "Running socks",
      "Running, running, running: socks for running and for more running.",
    ),
  ],
  [
    5,
    product(
      "Alto",
      "jackets",
      "Rain jacket",
      "A waterproof jacket for runners.",
    ),
  ],
  [
    6,
    product(
      "Nord",
      "jackets",
      "Down jacket",
      "Warm and light. Not waterproof.",
    ),
  ],
  [
    7,
    product(
      "Nord",
      "tents",
      "Tent for two",
      "Waterproof fly, aluminium poles.",
    ),
  ],
  [
    8,
    product(
      "Alto",
      "books",
      "Gift guide",
      "From tents to shoes: a waterproof map, a warm hat, socks, a stove, a" +
        " lamp, a bag, and a voucher for running shoes she may choose later.",
    ),
  ],
  [
    9,
    product(
      "Nord",
      "care",
      "Shoe wax",
      "Makes leather shoes waterproof again.",
    ),
  ],
  [10, product("Alto", "shoes", "Café clogs", "Shoes for a slow day.")],
  [
    11,
    product("Nord", "books", "Running wild", "A novel about a horse and rain."),
  ],
]);

const STOP = /^(a|about|again|and|at|for|from|in|may|of|not|she|the|to)$/;

// --8<-- [start:show]
/** Fold accents and case, split, drop stop words, cut endings. */
function analyze(text) {
  const folded = text
    .toLowerCase()
    .normalize("NFKD")
    .replace(/[\u0300-\u036f]/g, "");
  const words = folded.match(/[a-z0-9]+/g) ?? [];
  return words.filter((word) => !STOP.test(word)).map(stem);
}

/** A toy: running, runners -> run; shoes -> shoe. Real ones know exceptions. */
function stem(word) {
  return word
    .replace(/(?<=[a-z]{3})(s|ings?|ers?)$/, "")
    .replace(/([mnpt])\1$/, "$1");
}

class Index {
  constructor(texts) {
    this.postings = new Map();
    this.length = new Map();
    for (const [doc, text] of texts) {
      const terms = analyze(text);
      this.length.set(doc, terms.length);
      terms.forEach((term, position) => {
        const found = this.postings.get(term) ?? new Map();
        found.set(doc, [...(found.get(doc) ?? []), position]);
        this.postings.set(term, found);
      });
    }
    this.terms = [...this.postings.keys()].sort();
    this.average =
      [...this.length.values()].reduce((a, b) => a + b) / texts.length;
  }

  bm25(query, k1 = 1.2, b = 0.75) {
    const scores = new Map();
    for (const term of analyze(query)) {
      const found = this.postings.get(term) ?? new Map();
      const absent = this.length.size - found.size;
      const rarity = Math.log(1 + (absent + 0.5) / (found.size + 0.5));
      for (const [doc, { length: tf }] of found) {
        const long = 1 - b + (b * this.length.get(doc)) / this.average;
        scores.set(
          doc,
          (scores.get(doc) ?? 0) + (rarity * tf) / (tf + k1 * long),
        );
      }
    }
    return scores;
  }

  /** Documents in which the terms stand one right after the other. */
  phrase(text) {
    const lists = analyze(text).map(
      (term) => this.postings.get(term) ?? new Map(),
    );
    const follows = (doc, start) =>
      lists.every((list, n) => list.get(doc)?.includes(start + n));
    return [...(lists[0] ?? [])]
      .filter(([doc, starts]) => starts.some((start) => follows(doc, start)))
      .map(([doc]) => doc);
  }

  /** The dictionary is sorted, so these stand together. */
  prefix(start) {
    return this.terms.filter((term) => term.startsWith(start));
  }
}
// --8<-- [end:show]

const JUDGED = [
  ["running shoes", { 1: 3, 2: 3, 3: 1 }],
  ["waterproof shoes", { 3: 3, 9: 1, 1: 1 }],
  ["waterproof map", { 8: 3 }],
  ["rain shoes", { 3: 3, 1: 2 }],
];

/** What BM25 replaces: how often do the query's words occur? */
function counts(index, query) {
  const scores = new Map();
  for (const term of analyze(query)) {
    for (const [doc, positions] of index.postings.get(term) ?? []) {
      scores.set(doc, (scores.get(doc) ?? 0) + positions.length);
    }
  }
  return scores;
}

function sum(scores, more) {
  return new Map(
    [...scores].map(([doc, score]) => [doc, score + (more.get(doc) ?? 0)]),
  );
}

function ranked(scores) {
  return [...scores]
    .sort((a, b) => b[1] - a[1] || a[0] - b[0])
    .map(([doc]) => doc);
}

/** Gain 2^grade - 1, discounted by rank, as a share of the best order's. */
function ndcg(ranking, grades, k = 3) {
  const dcg = (values) =>
    values
      .slice(0, k)
      .reduce(
        (total, grade, n) => total + (2 ** grade - 1) / Math.log2(n + 2),
        0,
      );
  const best = dcg(Object.values(grades).sort((a, b) => b - a));
  return dcg(ranking.map((doc) => grades[doc] ?? 0)) / best;
}

/** One letter replaced, added, left out, or two neighbors swapped. */
function oneEdit(a, b) {
  let same = 0;
  while (same < a.length && same < b.length && a[same] === b[same]) same += 1;
  a = a.slice(same);
  b = b.slice(same);
  const swapped = b.slice(1, 2) + b.slice(0, 1) + b.slice(2);
  const near = a.slice(1) === b.slice(1) || a.slice(1) === b;
  return near || a === b.slice(1) || a === swapped;
}

/** Count each field under the filters of the other fields only. */
function facets(docs, chosen) {
  const counted = new Map();
  for (const field of ["brand", "kind"]) {
    const others = Object.entries(chosen).filter(([name]) => name !== field);
    const values = new Map();
    for (const found of docs.map((doc) => PRODUCTS.get(doc))) {
      if (!others.every(([name, value]) => found[name] === value)) continue;
      values.set(found[field], (values.get(found[field]) ?? 0) + 1);
    }
    counted.set(field, [...values].sort());
  }
  return counted;
}

const show = (scores, digits) =>
  ranked(scores)
    .slice(0, 5)
    .map((doc) => `${doc}: ${scores.get(doc).toFixed(digits)}`)
    .join("  ");
const print = (name, ...rest) => console.log(name.padEnd(14), ...rest);

const products = [...PRODUCTS];
const index = new Index(products.map(([n, p]) => [n, `${p.title} ${p.body}`]));
const titles = new Index(products.map(([n, p]) => [n, p.title]));
const line = "Running SHOES, again at the café";
print("analysis", line, "->", ...analyze(line));
print(
  "run is in",
  ...[...index.postings.get("run")].map(([d, at]) => `${d} x${at.length}`),
);

console.log("\n'running shoes', product: score");
print("word counts", show(counts(index, "running shoes"), 0));
print("BM25", show(index.bm25("running shoes"), 2));
print("as a phrase", ...index.phrase("running shoes"));
print("prefix wa", ...index.prefix("wa"));
print("sheos", ...index.terms.filter((term) => oneEdit(stem("sheos"), term)));

console.log("\n'shoes', brand Alto chosen");
for (const [field, values] of facets([...index.bm25("shoes").keys()], {
  brand: "Alto",
})) {
  print(field, ...values.map(([value, n]) => `${value} ${n}`));
}

const rankers = {
  counts: (query) => counts(index, query),
  BM25: (query) => index.bm25(query),
  "+ title": (query) => sum(index.bm25(query), titles.bm25(query)),
};
const row = (name, cells) => console.log([name.padEnd(17), ...cells].join(" "));
row(
  "\nnDCG@3           ",
  Object.keys(rankers).map((name) => name.padStart(8)),
);
const total = Object.values(rankers).map(() => 0);
for (const [query, grades] of JUDGED) {
  const values = Object.values(rankers).map((rank) =>
    ndcg(ranked(rank(query)), grades),
  );
  values.forEach((value, n) => (total[n] += value));
  row(
    query,
    values.map((value) => value.toFixed(2).padStart(8)),
  );
}
row(
  "mean",
  total.map((value) => (value / JUDGED.length).toFixed(2).padStart(8)),
);
