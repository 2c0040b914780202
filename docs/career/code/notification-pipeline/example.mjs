// A notification pipeline on virtual time: lanes, quiet hours, lost answers.

// quiet: does it wait for the morning? valid: seconds.
// unknown: what to do when the provider's answer is lost.
const RULES = {
  code: { lane: 0, quiet: false, valid: 300, unknown: "other provider" },
  order: { lane: 1, quiet: true, valid: 86_400, unknown: "same again" },
  promo: { lane: 2, quiet: true, valid: 43_200, unknown: "leave it" },
};
const USERS = { ada: 1, ben: 0, cy: 2, dana: 9, eve: -5 }; // hours from UTC
const PROVIDERS = { push: ["push-1"], sms: ["sms-1", "sms-2"] };
const HOUR = 3600;
const DAY = 24 * HOUR;
const START = 20 * HOUR - 2; // the trace begins at 19:59:58 UTC

function clock(now) {
  const s = (START + now) % DAY;
  return [Math.floor(s / HOUR), Math.floor(s / 60) % 60, s % 60]
    .map((part) => String(part).padStart(2, "0"))
    .join(":");
}

/** Now, or 8:00 local time if the kind may not disturb the user's night. */
function dueAt(now, kind, user) {
  const local = (START + now + USERS[user] * HOUR) % DAY;
  if (!RULES[kind].quiet) return now;
  if (local >= 22 * HOUR) return now + DAY - local + 8 * HOUR;
  return local < 8 * HOUR ? now + 8 * HOUR - local : now;
}

class Pipeline {
  queue = [];
  seen = new Set();
  refused = new Set();
  screens = new Map();
  ends = new Map();

  constructor({ lanes, faults = [], loud = true }) {
    this.lanes = lanes;
    this.faults = new Map(faults);
    this.loud = loud;
  }

  say(now, event, user, text) {
    this.ends.set(event, { text, at: now });
    if (!this.loud) return;
    console.log(`${clock(now)}  ${event.padEnd(9)}${user.padEnd(6)}${text}`);
  }

  /** Ask a provider; what the user's screen shows is known to us alone. */
  call(provider, m) {
    const at = `${provider}/${m.event}/${m.user}`;
    const outcome = this.faults.get(at) ?? "ok";
    this.faults.delete(at);
    const screen = this.screens.get(m.user) ?? [];
    // Push replaces what has the same collapse id; a text message is added.
    const shown = m.channel === "push" && screen.includes(m.event);
    if (outcome !== "failed" && !shown) screen.push(m.event);
    this.screens.set(m.user, screen);
    return outcome;
  }

  // --8<-- [start:show]
  accept(now, { event, user, channel, kind }) {
    const key = `${event}/${user}/${channel}`;
    if (this.seen.has(key)) {
      // In a store: a unique key, in the queue's transaction.
      this.say(now, event, user, "duplicate event, dropped");
      return;
    }
    this.seen.add(key);
    const due = dueAt(now, kind, user);
    if (due > now) {
      this.say(now, event, user, `quiet hours, waits until ${clock(due)}`);
    }
    const number = this.seen.size;
    this.queue.push({ number, created: now, due, event, user, channel, kind });
  }

  pick(now, lane) {
    const [first] = this.queue
      .filter((m) => lane === null || RULES[m.kind].lane === lane)
      .filter((m) => m.due <= now)
      .sort((a, b) => a.number - b.number);
    if (first) this.queue.splice(this.queue.indexOf(first), 1);
    return first;
  }

  /** Each sender sends one message a second; each lane has its own sender. */
  tick(now) {
    const lanes = this.lanes ? [0, 1, 2] : [null];
    const picked = lanes.map((lane) => this.pick(now, lane)).filter(Boolean);
    for (const m of picked) this.send(now, m);
    return picked.length > 0;
  }

  send(now, m) {
    const rule = RULES[m.kind];
    const say = (text) => this.say(now, m.event, m.user, text);
    if (now > m.created + rule.valid) return say("expired, not sent");
    // The user may have changed it since it was planned.
    const refused = this.refused.has(`${m.user}/${m.channel}/${m.kind}`);
    if (refused) return say("opted out, not sent");
    m.due = dueAt(now, m.kind, m.user); // did the night begin meanwhile?
    if (m.due > now) {
      this.queue.push(m);
      return say(`quiet hours, waits until ${clock(m.due)}`);
    }
    for (const provider of PROVIDERS[m.channel]) {
      let outcome = this.call(provider, m);
      say(`${provider}: ${outcome}`);
      if (outcome === "answer lost" && rule.unknown === "same again") {
        outcome = this.call(provider, m); // same collapse id
        say(`${provider} again: ${outcome}`);
      }
      if (outcome === "ok") return;
      if (outcome === "answer lost" && rule.unknown === "leave it") {
        return say("unknown, left so");
      }
    }
    m.due = now + 30; // every provider failed: later, while it is valid
    this.queue.push(m);
  }
  // --8<-- [end:show]

  /** Second by second; jump over the time in which nothing is due. */
  run(events) {
    let now = 0;
    while (events.length > 0 || this.queue.length > 0) {
      while (events.length > 0 && events[0].at <= now) {
        const e = events.shift();
        if (e.event === "opt-out") {
          this.refused.add(`${e.user}/${e.channel}/${e.kind}`);
          const text = `no ${e.kind} by ${e.channel} from now on`;
          this.say(now, e.event, e.user, text);
        } else {
          this.accept(now, e);
        }
      }
      if (this.tick(now)) {
        now += 1;
      } else {
        const next = events.slice(0, 1).map((e) => e.at);
        now = Math.min(...next, ...this.queue.map((waiting) => waiting.due));
      }
    }
  }
}

const event = (at, name, user, channel, kind) => ({
  at,
  event: name,
  user,
  channel,
  kind,
});

for (const lanes of [false, true]) {
  const p = new Pipeline({ lanes, loud: false });
  const campaign = Array.from({ length: 600 }, (_, n) =>
    event(0, `sale-${n}`, "ben", "push", "promo"),
  );
  p.run([...campaign, event(1, "code-1", "ada", "sms", "code")]);
  const { text, at } = p.ends.get("code-1");
  const name = lanes ? "Lanes:" : "One queue:";
  console.log(`${name.padEnd(11)}code-1 after ${at - 1} s: ${text}`);
}
const p = new Pipeline({
  lanes: true,
  faults: [
    ["sms-1/code-2/ada", "failed"],
    ["sms-1/code-3/dana", "answer lost"],
    ["push-1/shipped/ada", "answer lost"],
    ["push-1/sale/eve", "answer lost"],
  ],
});
p.run([
  ...Object.keys(USERS).map((user) => event(0, "sale", user, "push", "promo")),
  event(1, "opt-out", "ben", "push", "promo"),
  event(1, "code-2", "ada", "sms", "code"),
  event(2, "shipped", "ada", "push", "order"),
  event(2, "shipped", "ada", "push", "order"),
  event(2, "code-3", "dana", "sms", "code"),
]);
console.log("On the screens:");
for (const user of Object.keys(USERS)) {
  const screen = p.screens.get(user) ?? [];
  console.log(`  ${user.padEnd(6)}${screen.join(", ") || "nothing"}`);
}
