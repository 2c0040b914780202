// Count what a feed costs by fan-out on write, on read, and by the hybrid.

const [USERS, ORDINARY] = [2_000, 20];
const CHANCE = [80, 40, 20, 5]; // percent who follow famous accounts 0 to 3
const [EVENTS, RATIO, SIZE, SPEED] = [8_000, 40, 10, 100];
const [NEVER, TOP] = [1e9, 1e9];

class Random {
  constructor(seed) {
    this.state = BigInt(seed);
  }

  below(limit) {
    this.state = (this.state * 1103515245n + 12345n) % 2n ** 31n;
    return (Number(this.state) >> 12) % limit;
  }
}

// --8<-- [start:show]
/** Posts go to inboxes; posts of famous accounts wait in the outbox. */
class Feeds {
  constructor(graph, threshold) {
    this.follows = graph;
    this.threshold = threshold;
    this.followers = graph.map(() => []);
    graph.forEach((authors, reader) => {
      for (const author of authors) this.followers[author].push(reader);
    });
    this.inbox = graph.map(() => []);
    this.outbox = graph.map(() => []);
    this.written = this.read = this.worst = 0;
  }

  famous(author) {
    return this.followers[author].length >= this.threshold;
  }

  publish(author, post) {
    this.outbox[author].push(post);
    if (this.famous(author)) return; // readers come for it
    const readers = this.followers[author];
    for (const reader of readers) this.inbox[reader].push(post);
    this.written += readers.length;
    this.worst = Math.max(this.worst, readers.length);
  }

  page(reader, before, size) {
    const famous = this.follows[reader].filter((a) => this.famous(a));
    const lists = [this.inbox[reader], ...famous.map((a) => this.outbox[a])];
    this.read += lists.length;
    const older = new Set(lists.flat().filter((post) => post < before));
    return [...older].sort((a, b) => b - a).slice(0, size);
  }
}
// --8<-- [end:show]

function build(random) {
  const graph = [];
  for (let reader = 0; reader < USERS; reader++) {
    const authors = [];
    CHANCE.forEach((percent, author) => {
      if (random.below(100) < percent) authors.push(author);
    });
    while (authors.length < ORDINARY) {
      const author = CHANCE.length + random.below(USERS - CHANCE.length);
      if (author !== reader && !authors.includes(author)) authors.push(author);
    }
    graph.push(authors.filter((author) => author !== reader));
  }
  return graph;
}

function day(feeds, random) {
  let posts = 0;
  const pages = [];
  for (let event = 0; event < EVENTS; event++) {
    if (random.below(RATIO) === 0) {
      posts++;
      const famous = random.below(10) === 0;
      feeds.publish(random.below(famous ? CHANCE.length : USERS), posts);
    } else {
      pages.push(feeds.page(random.below(USERS), TOP, SIZE));
    }
  }
  return { posts, pages };
}

function compare() {
  const graph = build(new Random(7));
  const names = new Map([
    [NEVER, "nobody (push)"],
    [0, "all (pull)"],
  ]);
  let first;
  let same = true;
  for (const threshold of [NEVER, 1000, 300, 50, 0]) {
    const feeds = new Feeds(graph, threshold);
    const { posts, pages } = day(feeds, new Random(11));
    if (first === undefined) {
      first = JSON.stringify(pages);
      console.log(
        `${USERS} users, ${posts} posts, ${pages.length} pages of ${SIZE}`,
      );
      console.log(
        "pulled from      written  lists read  worst post  ticks to last",
      );
    }
    same &&= JSON.stringify(pages) === first;
    const name = names.get(threshold) ?? `${threshold} followers`;
    const ticks = Math.ceil(feeds.worst / SPEED);
    console.log(
      name.padEnd(15) +
        String(feeds.written).padStart(9) +
        String(feeds.read).padStart(12) +
        String(feeds.worst).padStart(12) +
        String(ticks).padStart(15),
    );
  }
  console.log(`the same pages every time: ${same ? "yes" : "no"}`);
}

const text = (posts) => posts.join(" ") || "-";
const byOffset = (feeds, start) =>
  feeds.page(0, TOP, 99).slice(start, start + 4);

function judge(name, pages) {
  const seen = pages.flat();
  const count = (post) => seen.filter((other) => other === post).length;
  const doubled = [];
  const missed = [];
  for (let post = Math.min(...seen); post < 14; post++) {
    if (count(post) === 0) missed.push(post);
    if (count(post) > 1) doubled.push(post);
  }
  console.log(`${name}: doubled ${text(doubled)}, missed ${text(missed)}`);
}

function scroll() {
  const feeds = new Feeds([[1, 2], [], [], [2]], 2); // 2 is famous, 1 is not
  for (let post = 1; post < 14; post++) {
    if (post !== 6) feeds.publish(1 + (post % 2), post); // 6: fan-out is late
  }
  const offset = [byOffset(feeds, 0)];
  const cursor = [feeds.page(0, TOP, 4)];
  console.log(`page 1          ${text(cursor[0])}`);
  feeds.publish(1, 14);
  feeds.publish(2, 15);
  offset.push(byOffset(feeds, 4));
  cursor.push(feeds.page(0, cursor[0].at(-1), 4));
  console.log("14 and 15 arrive");
  console.log(`page 2, offset  ${text(offset[1])}`);
  console.log(`page 2, cursor  ${text(cursor[1])}`);
  feeds.inbox[0] = feeds.inbox[0].filter((post) => post !== 12).concat(6);
  offset.push(byOffset(feeds, 8));
  cursor.push(feeds.page(0, cursor[1].at(-1), 4));
  console.log("12 is deleted, 6 arrives late");
  console.log(`page 3, offset  ${text(offset[2])}`);
  console.log(`page 3, cursor  ${text(cursor[2])}`);
  judge("offset", offset);
  judge("cursor", cursor);
  console.log(`refresh         ${text(feeds.page(0, TOP, 10))}`);
}

compare();
scroll();
