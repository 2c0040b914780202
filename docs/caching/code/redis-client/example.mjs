// Prove the client: replies, hostile values, errors, pipelines.
import { connect, encode, RedisError } from "./redis.mjs";

const HOSTILE = "x\r\nDEL user:1";

function shown(reply) {
  if (reply === null) return "nil";
  if (reply instanceof RedisError) return `error ${reply.code}`;
  if (typeof reply === "number") return `integer ${reply}`;
  if (Array.isArray(reply)) return `array of ${reply.length}: ${list(reply)}`;
  return `"${reply}"`;
}

function list(replies) {
  return replies.map(shown).join(", ");
}

async function replies(db) {
  await db.command("SET", "empty", "");
  for (const line of [
    "SET user:1 Ada",
    "GET user:1",
    "GET user:2",
    "STRLEN user:1",
    "MGET user:1 user:2",
    "GET empty",
  ]) {
    const reply = await db.command(...line.split(" "));
    console.log(line.padEnd(20) + shown(reply));
  }
}

async function hostileValue(db) {
  const title = "a value with a line break".padEnd(28);
  console.log(`\n${title}replies  read back  user:1`);
  for (const [label, request, count] of [
    ["framed by its length", encode(["SET", "note", HOSTILE]), 1],
    ["pasted into an inline line", `SET note ${HOSTILE}\r\n`, 2],
  ]) {
    const got = await db.raw(request, count);
    const [note, user] = await db.command("MGET", "note", "user:1");
    const whole = (note === HOSTILE ? "whole" : "cut").padEnd(11);
    const number = String(got.length).padEnd(9);
    console.log(`${label.padEnd(28)}${number}${whole}${shown(user)}`);
  }
}

async function errors(db) {
  await db.command("SADD", "tags", "a");
  try {
    await db.command("INCR", "tags");
  } catch (error) {
    if (!(error instanceof RedisError)) throw error;
    const alive = await db.command("PING");
    console.log(`\nINCR of a set: ${error.code}, then PING: ${alive}`);
  }
  const got = await db.pipeline([
    ["INCR", "n"],
    ["INCR", "tags"],
    ["INCR", "n"],
  ]);
  console.log(`pipeline of three: ${list(got)}`);
}

const db = await connect();
try {
  await replies(db);
  await hostileValue(db);
  await errors(db);
} finally {
  await db.close();
}
