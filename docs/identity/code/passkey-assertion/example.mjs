// Verify a passkey's assertion: the signature is the last check, not the only one.
import {
  createHash,
  generateKeyPairSync,
  sign as signBytes,
  verify as verifyBytes,
} from "node:crypto";

const ORIGIN = "https://login.shop.test";
const RP_ID = "shop.test";
const CHALLENGE_SECONDS = 300;
// Present, verified, may be synced, is synced.
const [UP, UV, BE, BS] = [0x01, 0x04, 0x08, 0x10];
const NOW = 1_767_225_600; // seconds since 1970

// For the log: the caller only learns that it failed.
class RefusedError extends Error {}

// What was asked of whom, until when; in production 32 random bytes each.
class Challenges {
  #draw;
  #clock;
  #open = new Map();

  constructor(draw, clock) {
    this.#draw = draw;
    this.#clock = clock;
  }

  issue(session) {
    const challenge = this.#draw();
    const until = this.#clock() + CHALLENGE_SECONDS;
    this.#open.set(session, { challenge, until });
    return challenge;
  }

  // Once: right or wrong, the answer uses it up.
  take(session) {
    const found = this.#open.get(session);
    this.#open.delete(session);
    return found && this.#clock() < found.until ? found.challenge : undefined;
  }
}

// --8<-- [start:show]
// WebAuthn Level 3, section 7.2. The challenge was taken from the session.
function verify(credential, { clientData, authData, signature }, challenge) {
  const require = (fine, reason) => {
    if (!fine) throw new RefusedError(reason);
  };
  require(challenge, "no challenge is open");
  const client = read(clientData);
  require(client.type === "webauthn.get", "not an assertion");
  require(client.challenge === encode(challenge), "another challenge");
  require(client.origin === ORIGIN, "another origin"); // from a short list
  require(!client.crossOrigin, "in a frame of another origin");
  require(authData.length >= 37, "authenticator data is cut off");
  const flags = authData[32];
  const counter = authData.readUInt32BE(33);
  require(authData.subarray(0, 32).equals(sha256(RP_ID)), "another RP ID");
  require(flags & UP, "nobody was present");
  require(flags & UV, "user not verified");
  const syncable = Boolean(flags & BE);
  const fitting = syncable === credential.mayBeSynced;
  require(fitting && (syncable || !(flags & BS)), "backup flags contradict");
  const signed = Buffer.concat([authData, sha256(clientData)]);
  const genuine = verifyBytes(
    "sha256",
    signed,
    credential.publicKey,
    signature,
  );
  require(genuine, "bad signature");
  // Synced passkeys stay at 0; one that counts has to count up.
  const counts = counter > 0 || credential.counter > 0;
  const advanced = !counts || counter > credential.counter;
  require(advanced, "counter stood still: a copy?");
  credential.counter = counter;
}
// --8<-- [end:show]

const encode = (raw) => raw.toString("base64url");
const sha256 = (data) => createHash("sha256").update(data).digest();

// From outside: it may be no JSON or no object.
function read(clientData) {
  try {
    return Object(JSON.parse(clientData.toString("utf8")));
  } catch {
    throw new RefusedError("client data is not readable");
  }
}

// What not to write: anything that the key has ever signed will do.
function signatureOnly(credential, { clientData, authData, signature }) {
  const signed = Buffer.concat([authData, sha256(clientData)]);
  if (!verifyBytes("sha256", signed, credential.publicKey, signature)) {
    throw new RefusedError("bad signature");
  }
}

// What a browser and an authenticator put in.
const scene = (label, changes = {}) => ({
  label,
  type: "webauthn.get",
  origin: ORIGIN,
  framed: false,
  rpId: RP_ID,
  flags: UP | UV,
  counter: 8,
  challenge: "fresh", // or "replayed", "late", "another's"
  spoil: "",
  ...changes,
});

const SCENES = [
  scene("as it should be"),
  scene("page at login-shop.test", { origin: "https://login-shop.test" }),
  scene("in a frame of another site", { framed: true }),
  scene("the same response again", { challenge: "replayed" }),
  scene("challenge of another session", { challenge: "another's" }),
  scene("six minutes later", { challenge: "late" }),
  scene("made for RP ID evil.test", { rpId: "evil.test" }),
  scene("a registration's type", { type: "webauthn.create" }),
  scene("no touch (UP missing)", { flags: UV }),
  scene("no PIN or face (UV missing)", { flags: UP }),
  scene("synced, yet not syncable", { flags: UP | UV | BS }),
  scene("counter 7 again", { counter: 7 }),
  scene("one bit changed", { spoil: "bit" }),
  scene("signed by another key", { spoil: "key" }),
];

function sign(made, privateKey, challenge) {
  const client = {
    type: made.type,
    challenge: encode(challenge),
    origin: made.origin,
    crossOrigin: made.framed,
  };
  const clientData = Buffer.from(JSON.stringify(client));
  const tail = Buffer.alloc(5);
  tail.writeUInt8(made.flags);
  tail.writeUInt32BE(made.counter, 1);
  const authData = Buffer.concat([sha256(made.rpId), tail]);
  const signed = Buffer.concat([authData, sha256(clientData)]);
  const signature = signBytes("sha256", signed, privateKey);
  return { clientData, authData, signature };
}

function verdict(check) {
  try {
    check();
  } catch (error) {
    if (error instanceof RefusedError) return error.message;
    throw error;
  }
  return "signed in";
}

const print = (label, naive, strict) =>
  console.log(`${label.padEnd(31)}${naive.padEnd(16)}${strict}`);

function main() {
  let now = NOW;
  let number = 0;
  const draw = () => Buffer.alloc(32, (number += 1));
  const challenges = new Challenges(draw, () => now);
  const pair = () => generateKeyPairSync("ec", { namedCurve: "P-256" });
  const [{ privateKey, publicKey }, other] = [pair(), pair()];

  const play = (made, stored) => {
    const challenge = challenges.issue("ada");
    const foreign = made.challenge === "another's";
    const asked = foreign ? challenges.issue("bob") : challenge;
    const key = made.spoil === "key" ? other.privateKey : privateKey;
    const got = sign(made, key, asked);
    // One that no check looks at: the signature tells.
    if (made.spoil === "bit") got.authData[32] ^= 0x80;
    if (made.challenge === "replayed") {
      verify({ ...stored }, got, challenges.take("ada"));
    }
    now += made.challenge === "late" ? 360 : 1;
    const naive = verdict(() => signatureOnly(stored, got));
    const strict = verdict(() => verify(stored, got, challenges.take("ada")));
    print(made.label, naive, strict);
  };

  print("response", "signature only", "all checks");
  for (const made of SCENES) {
    play(made, { publicKey, mayBeSynced: false, counter: 7 });
  }
  const synced = { publicKey, mayBeSynced: true, counter: 0 };
  const flags = UP | UV | BE | BS;
  play(scene("synced passkey, counter 0", { flags, counter: 0 }), synced);
  play(scene("the next time, counter 0", { flags, counter: 0 }), synced);
}

main();
