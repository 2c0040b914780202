// Choose a locale, find its messages, and write numbers, money and times in it.
import assert from "node:assert/strict";

const DEFAULT = "en";
const OURS = ["en", "de", "de-AT", "pl", "pt-BR", "zh-Hant", "es-419"];

// From CLDR: what a tag most likely means, and parents that cutting does not find.
const LIKELY = { pt: "pt-br", "zh-tw": "zh-hant" };
const PARENTS = { "es-mx": "es-419", "zh-hant": "" }; // no simplified for traditional

const RANGE =
  /^\s*(\*|[a-z]{1,8}(?:-[a-z0-9]{1,8})*)\s*(?:;\s*q\s*=\s*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*)?$/;

// --8<-- [start:show]
/** Ranges and weights; what is malformed counts as absent. */
function accepted(header) {
  const items = header.slice(0, 1000).toLowerCase().split(",");
  return items
    .map((item) => item.match(RANGE))
    .filter((each) => each)
    .map((each) => ({ tag: each[1], weight: Number(each[2] ?? 1) }))
    .sort((a, b) => b.weight - a.weight); // stable: ties keep their order
}

/** RFC 4647, 3.4: cut the wanted range from the end until we have it. */
function lookup(header, likely, parents) {
  const wanted = accepted(header);
  const refused = wanted
    .filter((each) => each.weight === 0)
    .map((each) => each.tag);
  const allowed = OURS.filter((tag) => !refused.includes(tag.toLowerCase()));
  const ours = new Map(allowed.map((tag) => [tag.toLowerCase(), tag]));
  for (const { tag, weight } of wanted) {
    if (weight === 0) continue;
    if (tag === "*") return allowed[0] ?? DEFAULT;
    for (const each of chain(tag, likely, parents)) {
      if (ours.has(each)) return ours.get(each);
    }
  }
  return DEFAULT;
}

/** de-at, de; with data also zh-tw, zh-hant and es-mx, es-419, es. */
function chain(tag, likely, parents) {
  const tags = [];
  while (tag && !tags.includes(tag)) {
    tags.push(tag);
    const cut = tag.replace(/(-[^-])?-[^-]+$|^[^-]+$/, ""); // -x- goes with the rest
    tag = likely[tag] ?? parents[tag] ?? cut;
  }
  return tags;
}

class Messages {
  missing = new Map();

  /** The text and the locale it came from. */
  get(locale, key, n = 0) {
    for (const tag of [...chain(locale.toLowerCase(), {}, PARENTS), DEFAULT]) {
      const forms = TEXTS[tag]?.[key];
      if (!forms) continue;
      if (tag === DEFAULT && locale !== DEFAULT) this.#miss(locale, key); // shows through
      const category = PLURALS[tag.split("-")[0]](n); // of the text's language
      return [(forms[category] ?? forms.other).replace("#", n), tag];
    }
    this.#miss(locale, key);
    return [`[${key}]`, "none"];
  }

  #miss(locale, key) {
    const name = `${locale}/${key}`;
    this.missing.set(name, (this.missing.get(name) ?? 0) + 1);
  }
}

// --8<-- [end:show]

const TEXTS = {
  en: {
    tomatoes: { other: "Tomatoes" },
    checkout: { other: "Check out" },
    hours: { one: "# hour", other: "# hours" },
    gifts: { one: "# gift", other: "# gifts" },
  },
  de: {
    tomatoes: { other: "Tomaten" },
    checkout: { other: "Zur Kasse" },
    hours: { one: "# Stunde", other: "# Stunden" },
  },
  "de-at": { tomatoes: { other: "Paradeiser" } },
  pl: {
    hours: {
      one: "# godzina",
      few: "# godziny",
      many: "# godzin",
      other: "# godziny",
    },
  },
};

const english = (n) => (n === 1 ? "one" : "other");

function polish(n) {
  if (n === 1) return "one";
  const few = [2, 3, 4].includes(n % 10) && ![12, 13, 14].includes(n % 100);
  return few ? "few" : "many";
}

function arabic(n) {
  if (n < 3) return ["zero", "one", "two"][n];
  if (n % 100 < 3) return "other";
  return n % 100 <= 10 ? "few" : "many";
}

// "de" has the same for whole numbers.
const PLURALS = { en: english, de: english, pl: polish, ar: arabic };

const MINOR = { EUR: 2, JPY: 0, KWD: 3 }; // digits, ISO 4217
const PATTERNS = {
  // From CLDR: grouping, decimal sign, place of the code.
  en: [",", ".", (code, number) => `${code} ${number}`],
  de: [".", ",", (code, number) => `${number} ${code}`],
  ja: [",", ".", (code, number) => `${code} ${number}`],
};

/** Decimal text from an API to minor units; never rounds in silence. */
function parseMoney(text, code) {
  const digits = MINOR[code];
  const found = text.match(/^([0-9]{1,12})(?:\.([0-9]*))?$/);
  if (!found) throw new RangeError("not an amount");
  const [, whole, fraction = ""] = found;
  if (fraction.length > digits) {
    throw new RangeError(`${code} has ${digits} decimal digits`);
  }
  return Number(whole + fraction.padEnd(digits, "0"));
}

function formatMoney(minor, code, locale) {
  const [group, point, place] = PATTERNS[locale];
  const digits = MINOR[code];
  const text = String(minor).padStart(digits + 1, "0");
  const cut = text.length - digits;
  const whole = text.slice(0, cut).replace(/\B(?=(\d{3})+$)/g, group);
  const number = digits ? whole + point + text.slice(cut) : whole;
  return place(code, number);
}

/** What clocks in the zone show, as if it were UTC. */
function wallClock(instant, zone) {
  const parts = new Intl.DateTimeFormat("en", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
  }).formatToParts(instant);
  const of = Object.fromEntries(
    parts.map((part) => [part.type, Number(part.value)]),
  );
  return Date.UTC(of.year, of.month - 1, of.day, of.hour, of.minute);
}

const DAY = 86_400_000; // milliseconds

/** All instants that a wall clock shows as this time: none, one or two. */
function resolve(local, zone) {
  const offsets = [-DAY, DAY].map(
    (near) => wallClock(local + near, zone) - local - near,
  );
  const instants = [...new Set(offsets.map((offset) => local - offset))];
  const found = instants.filter(
    (instant) => wallClock(instant, zone) === local,
  );
  if (found.length) return found.sort((a, b) => a - b);
  return [local - offsets[0], null]; // the offset of the day before: moved on by the gap
}

const utc = (instant) => new Date(instant).toISOString().slice(11, 16) + "Z";

/** The written rules against ICU, which Node.js carries. */
function compareWithIcu() {
  for (const language of ["en", "pl", "ar"]) {
    const rules = new Intl.PluralRules(language);
    for (let n = 0; n <= 2000; n++) {
      assert.equal(PLURALS[language](n), rules.select(n), `${language} ${n}`);
    }
  }
  for (const locale of Object.keys(PATTERNS)) {
    for (const [currency, digits] of Object.entries(MINOR)) {
      const style = { style: "currency", currency, currencyDisplay: "code" };
      const icu = new Intl.NumberFormat(locale, style).format(
        123456 / 10 ** digits,
      );
      const mine = formatMoney(123456, currency, locale);
      assert.equal(
        mine,
        icu.replaceAll("\u00a0", " "),
        `${locale} ${currency}`,
      );
    }
  }
}

function showLookup() {
  console.log("Accept-Language".padEnd(36) + "lookup    with CLDR data");
  for (const header of [
    "de-CH, fr;q=0.8",
    "fr-CA, fr;q=0.8",
    "pl;q=0.3, de-AT;q=0.8",
    "en;q=0, *;q=0.1",
    "de_AT, pl;q=9, de;q=0.1",
    "pt, en;q=0.5",
    "zh-TW",
    "es-MX",
  ]) {
    const plain = lookup(header, {}, {}).padEnd(10);
    console.log(
      `  ${header.padEnd(34)}${plain}${lookup(header, LIKELY, PARENTS)}`,
    );
  }
}

function showMessages() {
  const messages = new Messages();
  function row(locale, key, ...numbers) {
    const found = (numbers.length ? numbers : [0]).map((n) =>
      messages.get(locale, key, n),
    );
    const text = found.map((each) => each[0]).join(", ");
    const from = found[0][1].padEnd(7);
    console.log(`  ${locale.padEnd(7)}${key.padEnd(10)}${from}${text}`);
  }

  console.log("\n  locale key       from   text");
  row("de-AT", "tomatoes");
  row("de-AT", "checkout");
  row("pl", "hours", 1, 2, 5, 22);
  row("pl", "gifts", 2, 5);
  row("pl", "refunds");
  const counted = [...messages.missing].sort().map(([key, n]) => `${key} ${n}`);
  console.log(`missing: ${counted.join(", ")}`);
}

function showPlurals() {
  console.log("\nplural forms of 0 to 199");
  for (const language of ["en", "pl", "ar"]) {
    const forms = {};
    for (let n = 0; n < 200; n++) {
      const form = PLURALS[language](n);
      forms[form] = (forms[form] ?? 0) + 1;
    }
    const counted = Object.keys(forms)
      .sort()
      .map((form) => `${form} ${forms[form]}`);
    console.log(`  ${language}  ${counted.join(", ")}`);
  }
}

function showMoney() {
  console.log("\nmoney");
  for (const [text, code, locale] of [
    ["1234.5", "EUR", "en"],
    ["1234.5", "EUR", "de"],
    ["1234", "JPY", "ja"],
    ["1234.5", "KWD", "en"],
    ["10.505", "EUR", "en"],
    ["10.5", "JPY", "ja"],
  ]) {
    let shown;
    try {
      const minor = parseMoney(text, code);
      const amount = formatMoney(minor, code, locale);
      shown = `${String(minor).padStart(7)} minor units, ${locale}: ${amount}`;
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      shown = `refused: ${error.message}`;
    }
    console.log(`  ${text.padEnd(8)}${code}  ${shown}`);
  }
}

function showTimes() {
  const zone = "Europe/Berlin";
  console.log(`\n${zone}, wall clock`);
  for (const local of [
    "2026-07-01 09:00",
    "2026-03-29 02:30",
    "2026-10-25 02:30",
  ]) {
    const found = resolve(Date.parse(`${local.replace(" ", "T")}Z`), zone);
    const never = found.at(-1) === null;
    const times = found.filter((each) => each !== null).map(utc);
    const howOften = never ? "never" : ["once", "twice"][times.length - 1];
    console.log(`  ${local}  ${howOften.padEnd(7)}${times.join(" and ")}`);
  }
  const [first] = resolve(Date.UTC(2026, 2, 28, 9), zone);
  const [second] = resolve(Date.UTC(2026, 2, 29, 9), zone);
  const hours = (second - first) / 3_600_000;
  console.log(`  09:00 on 28 March to 09:00 on 29 March: ${hours} hours`);
}

compareWithIcu();
showLookup();
showMessages();
showPlurals();
showMoney();
showTimes();
