// Accept a file: stream, limit, look at the first bytes, hash, quarantine, promote.
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, open, readdir, readFile } from "node:fs/promises";
import { rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const PIECE = 64 * 1024;

class RefusedError extends Error {
  constructor(status, reason) {
    super(`${status} ${reason}`);
  }
}

// --8<-- [start:show]
// What the first bytes must be, and the extension that we give.
const TYPES = new Map([
  [
    "image/png",
    { magic: Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), extension: ".png" },
  ],
  ["image/jpeg", { magic: Buffer.from([0xff, 0xd8, 0xff]), extension: ".jpg" }],
  ["application/pdf", { magic: Buffer.from("%PDF-"), extension: ".pdf" }],
]);

function detect(head) {
  for (const [mediaType, { magic }] of TYPES) {
    if (head.subarray(0, magic.length).equals(magic)) return mediaType;
  }
  throw new RefusedError(415, "not a PNG, JPEG or PDF");
}

/** Write the pieces to quarantine; leave nothing there if they are refused. */
async function receive(label, pieces, folder, limit, id) {
  const target = join(folder, "quarantine", id);
  const digest = createHash("sha256");
  let [size, head, mediaType] = [0, Buffer.alloc(0), ""];
  const file = await open(target, "wx", 0o600);
  try {
    for await (const piece of pieces) {
      size += piece.length;
      if (size > limit) throw new RefusedError(413, `more than ${limit} bytes`);
      if (mediaType === "") {
        head = Buffer.concat([head, piece]);
        if (head.length >= 8) mediaType = detect(head);
      }
      digest.update(piece);
      await file.writeFile(piece); // continues where the last piece ended
    }
    mediaType ||= detect(head);
  } catch (error) {
    await rm(target);
    throw error;
  } finally {
    await file.close();
  }
  // The row in the database: the client's name is a label, the type is detected.
  const sha256 = digest.digest("hex");
  return { id, label, mediaType, size, sha256, state: "quarantined" };
}

/** Later, in a worker: publish what the scanner passes, delete the rest. */
async function promote(upload, folder, isClean) {
  const source = join(folder, "quarantine", upload.id);
  if (!(await isClean(source))) {
    await rm(source);
    return { ...upload, state: "rejected" };
  }
  const { extension } = TYPES.get(upload.mediaType);
  await rename(source, join(folder, "public", upload.id + extension));
  return { ...upload, state: "available" };
}
// --8<-- [end:show]

/** The parts of a multipart/form-data body, read as they arrive. */
class Multipart {
  #source;
  #buffer = Buffer.from("\r\n");
  #delimiter;

  constructor(source, boundary) {
    this.#source = source;
    this.#delimiter = Buffer.from(`\r\n--${boundary}`);
  }

  async *parts() {
    for await (const _ of this.#until(this.#delimiter)); // before the first part
    while ((await this.#take(2)).equals(Buffer.from("\r\n"))) {
      let headers = "";
      for await (const piece of this.#until(Buffer.from("\r\n\r\n"))) {
        headers += piece.toString("utf8");
        if (headers.length > 8192) {
          throw new RefusedError(431, "headers of a part too large");
        }
      }
      const name = /\bfilename="([^"]*)"/.exec(headers)?.[1] ?? "";
      yield [name.split(/[\\/]/).at(-1), this.#until(this.#delimiter)];
    }
  }

  /** Pieces up to the mark, which may be split between two of the source. */
  async *#until(mark) {
    let at = this.#buffer.indexOf(mark);
    while (at < 0) {
      const ready = this.#buffer.length - (mark.length - 1);
      if (ready > 0) yield await this.#take(ready);
      await this.#more();
      at = this.#buffer.indexOf(mark);
    }
    yield await this.#take(at);
    await this.#take(mark.length);
  }

  async #take(count) {
    while (this.#buffer.length < count) await this.#more();
    const taken = this.#buffer.subarray(0, count);
    this.#buffer = this.#buffer.subarray(count);
    return taken;
  }

  async #more() {
    const { value, done } = await this.#source.next();
    if (done) throw new RefusedError(400, "the body ends before its boundary");
    this.#buffer = Buffer.concat([this.#buffer, value]);
  }
}

const LIMIT = 100_000;
const BOUNDARY = "sample-boundary";
const PNG = TYPES.get("image/png").magic;
const JPEG = Buffer.from([0xff, 0xd8, 0xff, 0xe0]);
const MALWARE = Buffer.from("%PDF-1.7 SAMPLE-MALWARE");
const CASES = [
  ["cat.png", "image/png", PNG, 20_000, true],
  ["../../etc/cron.d/job.jpg", "image/jpeg", JPEG, 1_000, true],
  ["photo.jpg", "image/jpeg", PNG, 500, true],
  ["invoice.pdf", "application/pdf", MALWARE, 100, true],
  ["cute.png", "image/png", Buffer.from("<?php echo 'hello';"), 100, true],
  ["huge.png", "image/png", PNG, 50_000_000, true],
  ["cut.png", "image/png", PNG, 5_000, false],
];

/** A body that counts how much of it was asked for. */
class Request {
  read = 0;
  #pieces;

  constructor([name, declared, head, filler, whole]) {
    const opening = Buffer.from(
      `--${BOUNDARY}\r\nContent-Disposition: form-data; name="file"; ` +
        `filename="${name}"\r\nContent-Type: ${declared}\r\n\r\n`,
    );
    const closing = Buffer.from(whole ? `\r\n--${BOUNDARY}--\r\n` : "");
    this.#pieces = function* () {
      yield Buffer.concat([opening, head]);
      for (let at = 0; at < filler; at += PIECE) {
        yield Buffer.alloc(Math.min(PIECE, filler - at), "x");
      }
      yield closing;
    };
  }

  async *pieces() {
    for (const piece of this.#pieces()) {
      this.read += piece.length;
      yield piece;
    }
  }
}

const isClean = async (path) =>
  !(await readFile(path)).includes("SAMPLE-MALWARE");

const folder = await mkdtemp(join(tmpdir(), "uploads-"));
try {
  await mkdir(join(folder, "quarantine"));
  await mkdir(join(folder, "public"));
  const names = async (area) =>
    (await readdir(join(folder, area)))
      .map((name) => name.replace(/^0+/, ""))
      .sort()
      .join(" ") || "nothing";
  const show = async () =>
    console.log(
      `quarantine: ${await names("quarantine")}; public: ${await names("public")}`,
    );

  const uploads = [];
  for (const [index, testCase] of CASES.entries()) {
    const [name, , , filler] = testCase;
    const request = new Request(testCase);
    const column = name.padEnd(25);
    try {
      for await (const [label, pieces] of new Multipart(
        request.pieces(),
        BOUNDARY,
      ).parts()) {
        // In production: randomBytes(16).toString("hex").
        const id = (index + 1).toString(16).padStart(32, "0");
        const upload = await receive(label, pieces, folder, LIMIT, id);
        uploads.push(upload);
        console.log(
          `${column}201 as ${upload.label}, ${upload.mediaType}, ` +
            `${upload.size} bytes, ${upload.sha256.slice(0, 8)}`,
        );
      }
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      console.log(`${column}${error.message}`);
    }
    if (filler > LIMIT) {
      const early = request.read * 100 < filler ? "yes" : "no";
      console.log(`${" ".repeat(25)}read less than 1 %: ${early}`);
    }
  }
  await show();
  for (const upload of uploads) {
    const { state } = await promote(upload, folder, isClean);
    console.log(`${upload.label.padEnd(25)}${state}`);
  }
  await show();
} finally {
  await rm(folder, { recursive: true });
}
