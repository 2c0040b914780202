// Compress the same orders in several ways and print only what is certain.
import {
  deflateRawSync,
  deflateSync,
  gunzipSync,
  gzipSync,
  inflateRawSync,
} from "node:zlib";

const CITIES = "Oslo Lima Pune Kyiv Accra Quito Turin Osaka".split(" ");

// The same generator in every language; the high bits are the good ones.
function numbers(seed) {
  let state = BigInt(seed);
  return () => {
    state = (state * 1103515245n + 12345n) % 2147483648n;
    return Number(state >> 16n);
  };
}

function orders(count) {
  const draw = numbers(7);
  return Array.from({ length: count }, (_, n) =>
    JSON.stringify({
      id: 100000 + n,
      city: CITIES[draw() % 8],
      status: draw() % 4 ? "paid" : "open",
      totalCents: draw(),
      currency: "EUR",
    }),
  );
}

// --8<-- [start:show]
const wrappers = {
  gzip: gzipSync,
  zlib: deflateSync,
  raw: deflateRawSync,
};

function packed(data, wrapper, level = 6, known = undefined) {
  const options = { level };
  if (known !== undefined) options.dictionary = known;
  return wrappers[wrapper](data, options);
}

function oneByOne(rows) {
  return withDictionary(rows, undefined);
}

function withDictionary(rows, known) {
  return rows
    .map((row) => packed(row, "raw", 9, known).length)
    .reduce((total, size) => total + size, 0);
}

// --8<-- [end:show]

function say(claim, holds) {
  console.log(`  ${claim.padEnd(58)}${holds ? "yes" : "no"}`);
}

const rows = orders(500);
const body = Buffer.from(`[${rows.join(",")}]`);
const size = (wrapper, level = 6) => packed(body, wrapper, level).length;
const raw = packed(body, "raw");
const gzip = packed(body, "gzip");
console.log(`500 orders, ${body.length} bytes of JSON`);
say("gzip comes back byte for byte", gunzipSync(gzip).equals(body));
say("gzip is less than a fifth", gzip.length * 5 < body.length);
say("level 9 is not larger than level 1", size("gzip", 9) <= size("gzip", 1));

console.log("one algorithm, three wrappers");
say("zlib ('deflate' in HTTP) is raw + 6", size("zlib") === raw.length + 6);
say("gzip is raw + 18", gzip.length === raw.length + 18);
say(
  "the bytes between the wrappers are the same",
  gzip.subarray(10, -8).equals(raw),
);

console.log("bodies to leave alone");
const tiny = Buffer.from('{"id":42,"ok":true}\n');
const draw = numbers(7);
const noise = Buffer.from(Array.from({ length: 20000 }, () => draw() % 256));
const packedNoise = packed(noise, "gzip").length;
say("20 bytes grow", packed(tiny, "gzip").length > tiny.length);
say("20000 random bytes grow", packedNoise > noise.length);
say("by less than 1 percent", packedNoise * 100 < noise.length * 101);

console.log("the same rows, one compression each");
const alone = oneByOne(rows);
const known = Buffer.from(orders(20).join(","));
const shared = withDictionary(rows.slice(20), known);
const back = inflateRawSync(packed(rows[99], "raw", 9, known), {
  dictionary: known,
});
say("together they take less than a third of that", raw.length * 3 < alone);
say("20 known rows as a dictionary: less than half", shared * 2 < alone);
say(
  "and a row comes back with the dictionary",
  back.equals(Buffer.from(rows[99])),
);

console.log("a secret beside reflected text, guessed through the size");
const guess = (token) =>
  packed(
    JSON.stringify({
      token: "SAMPLE7Q2K9X",
      echo: `no hits for "token":"${token}`,
    }),
    "gzip",
    9,
  ).length;
const [right, wrong] = ["SAMPLE7Q2K9X", "SAMPLEW4JH8V"].map(guess);
say("the right guess gives the shorter response", right < wrong);
