// Four interpreters that are not SQL, each attacked and defended.
import { execFileSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve, sep } from "node:path";

const NAME = "ada; echo INJECTED";
const BODY = '{"name": "ada", "key": {"$ne": ""}}';
const USER = "ada\r\nINFO sign-in ok user=root";
const USERS = [
  { name: "ada", key: "sample-key-1" },
  { name: "bob", key: "sample-key-2" },
];
const TIMEOUT_MS = 5000;

// Becomes 400.
class BadRequestError extends Error {}

// --8<-- [start:show]
// What not to write; exec() and { shell: true } do the same.
const reportByShell = (name) => run("sh", ["-c", `echo report for ${name}`]);

// No shell: nothing reads it as code.
const report = (name) => run("echo", ["report for", name]);

function signInWithAnyObject(body) {
  const { name, key } = JSON.parse(body);
  return find({ name, key }); // what not to write
}

function signIn(body) {
  const { name, key } = JSON.parse(body);
  for (const [field, value] of Object.entries({ name, key })) {
    if (typeof value !== "string") {
      throw new BadRequestError(`${field} is not a text`);
    }
  }
  return find({ name, key });
}

const logLinePasted = (user) => `WARN sign-in failed user=${user}`; // not this

const logLine = (user) =>
  JSON.stringify({ level: "WARN", event: "sign-in failed", user });

const readPasted = (folder, name) =>
  readFileSync(`${folder}/${decodeURIComponent(name)}`, "utf8"); // not this

function read(folder, name) {
  const text = decodeURIComponent(name); // once, as the framework does
  if (/[\\\0]/.test(text)) throw new BadRequestError("refused"); // Windows, C
  const base = realpathSync(folder);
  const path = realpathSync(resolve(base, text)); // follows links, leaves no ".."
  if (!path.startsWith(base + sep)) throw new BadRequestError("refused");
  return readFileSync(path, "utf8");
}
// --8<-- [end:show]

function run(command, args) {
  const options = { encoding: "utf8", timeout: TIMEOUT_MS };
  const output = execFileSync(command, args, options);
  return output.trimEnd().replaceAll("\n", " | ");
}

// A document store in small: an object as a value is an operator.
function find(query) {
  const matches = (found, wanted) =>
    wanted !== null && typeof wanted === "object" && "$ne" in wanted
      ? found !== wanted.$ne
      : found === wanted;
  const user = USERS.find((each) =>
    Object.entries(query).every(([field, wanted]) =>
      matches(each[field], wanted),
    ),
  );
  return user ? `signed in as ${user.name}` : "nobody";
}

function outcome(work) {
  try {
    return work();
  } catch (error) {
    if (error instanceof BadRequestError) return error.message;
    if (error.code === "ENOENT") return "no such file";
    throw error;
  }
}

const row = (label, text) => console.log(`  ${label.padEnd(22)}${text}`);

const countLines = (text) => text.split(/\r\n|\r|\n/).length;

function paths(place) {
  const folder = join(place, "uploads");
  const secret = join(place, "secret.txt");
  mkdirSync(join(folder, "2026"), { recursive: true });
  writeFileSync(join(folder, "2026", "june.txt"), "June");
  writeFileSync(secret, "SECRET");
  symlinkSync(place, join(folder, "link"));
  console.log(`${"file name".padEnd(24)}${"pasted".padEnd(16)}contained`);
  for (const [label, name] of [
    ["2026/june.txt", "2026/june.txt"],
    ["../secret.txt", "../secret.txt"],
    ["2026/../../secret.txt", "2026/../../secret.txt"],
    ["%2e%2e%2fsecret.txt", "%2e%2e%2fsecret.txt"],
    ["%252e%252e%252f...", "%252e%252e%252fsecret.txt"],
    ["an absolute path", secret],
    ["link/secret.txt", "link/secret.txt"],
    ["..\\secret.txt", "..\\secret.txt"],
  ]) {
    const pasted = outcome(() => readPasted(folder, name));
    const contained = outcome(() => read(folder, name));
    row(label, `${pasted.padEnd(16)}${contained}`);
  }
}

function main() {
  console.log(`shell, name: ${NAME}`);
  row("text to a shell", reportByShell(NAME));
  row("list of arguments", report(NAME));
  console.log(`filter, body: ${BODY}`);
  row("passed on", signInWithAnyObject(BODY));
  row(
    "texts only",
    outcome(() => signIn(BODY)),
  );
  console.log(`log, user: ${JSON.stringify(USER)}`);
  row("pasted", `${countLines(logLinePasted(USER))} lines`);
  row("encoded", `${countLines(logLine(USER))} line`);
  const place = mkdtempSync(join(tmpdir(), "data-as-code-"));
  try {
    paths(place);
  } finally {
    rmSync(place, { recursive: true });
  }
}

main();
