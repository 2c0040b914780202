// A pipeline that builds once and promotes by digest; a gate that checks evidence.
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  sign,
  verify as verifySignature,
} from "node:crypto";

const TYPE = "application/vnd.in-toto+json";
const REPOSITORY = "https://git.shop.test/shop/api";
const BUILDER = "https://ci.shop.test/workflows/release";
const COMMITTED_AT = 1_795_000_000;
const ED25519_PKCS8 = Buffer.from("302e020100300506032b657004220420", "hex");

class RefusedError extends Error {}

const sha256 = (data) => createHash("sha256").update(data).digest();
const digestOf = (artifact) => sha256(artifact).toString("hex");
const short = (digest) => `sha256:${digest.slice(0, 12)}`;

// A key that anyone can derive: good for an example and for nothing else.
function sampleKey(name) {
  const key = Buffer.concat([ED25519_PKCS8, sha256(name)]);
  return createPrivateKey({ key, format: "der", type: "pkcs8" });
}

// Like many real builds, this one writes its time into what it makes.
const build = (commit, builtAt) =>
  Buffer.from(`shop-api ${commit} built at ${builtAt}\n`);

// --8<-- [start:show]
// DSSE: type and length are signed too, so nothing can be read differently.
function signedBytes(payload) {
  const length = Buffer.byteLength(payload);
  return Buffer.from(`DSSEv1 ${TYPE.length} ${TYPE} ${length} ${payload}`);
}

// The builder states what it made, and from which repository and ref.
function attest(key, artifact, ref) {
  const workflow = { repository: REPOSITORY, ref };
  const payload = JSON.stringify({
    _type: "https://in-toto.io/Statement/v1",
    subject: [{ name: "api", digest: { sha256: digestOf(artifact) } }],
    predicateType: "https://slsa.dev/provenance/v1",
    predicate: {
      buildDefinition: { externalParameters: { workflow } },
      runDetails: { builder: { id: BUILDER } },
    },
  });
  return { payload, signature: sign(null, signedBytes(payload), key) };
}

// Signature first: before it holds, no field of the statement means anything.
function verify(trusted, artifact, { payload, signature }) {
  if (!verifySignature(null, signedBytes(payload), trusted, signature))
    throw new RefusedError("not signed by the builder");
  const { subject, predicate } = JSON.parse(payload);
  const digest = digestOf(artifact);
  if (digest !== subject[0].digest.sha256)
    throw new RefusedError("bytes are not those the builder made");
  const { workflow } = predicate.buildDefinition.externalParameters;
  const { repository, ref } = workflow;
  if (repository !== REPOSITORY || ref !== "refs/heads/main")
    throw new RefusedError(`built from ${ref}`);
  return digest;
}

// Deploy these bytes, if the environment before this one has passed them.
function promote(target, artifact, envelope) {
  const digest = verify(target.trusted, artifact, envelope);
  if (target.after && !target.after.passed.has(digest))
    throw new RefusedError(
      `${short(digest)} has not passed ${target.after.name}`,
    );
  target.running = digest;
  target.passed.add(digest); // a real gate runs the smoke test first
  return digest;
}
// --8<-- [end:show]

function environment(name, key, after) {
  const trusted = createPublicKey(key);
  return { name, trusted, after, running: "", passed: new Set() };
}

function attempt(label, target, artifact, envelope) {
  let told;
  try {
    told = `${target.name} runs ${short(promote(target, artifact, envelope))}`;
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    told = `refused: ${error.message}`;
  }
  console.log(label.padEnd(27) + told);
}

const builder = sampleKey("builder");
const stranger = sampleKey("stranger");
const [mainRef, pullRef] = ["refs/heads/main", "refs/pull/7/merge"];
const staging = environment("staging", builder);
const production = environment("production", builder, staging);

const first = build("c0ffee1", COMMITTED_AT + 60);
const proof = attest(builder, first, mainRef);
attempt("release 1", staging, first, proof);
attempt("release 1", production, first, proof);
const same = production.running === staging.running;
console.log(`${"".padEnd(27)}the same bytes in both: ${same ? "yes" : "no"}\n`);

const rebuilt = build("c0ffee1", COMMITTED_AT + 3600);
const rebuiltProof = attest(builder, rebuilt, mainRef);
attempt("rebuilt for production", production, rebuilt, rebuiltProof);
const changed = Buffer.concat([first, Buffer.from("#")]);
attempt("bytes changed in store", production, changed, proof);
const strange = attest(stranger, first, mainRef);
attempt("signed by a stranger", production, first, strange);
const edited = { ...proof, payload: proof.payload.replace("heads", "tags") };
attempt("statement edited", production, first, edited);
const pulled = attest(builder, first, pullRef);
attempt("built for a pull request", production, first, pulled);
const second = build("badc0de", COMMITTED_AT + 7200);
const later = attest(builder, second, mainRef);
attempt("release 2, no staging", production, second, later);
console.log(
  `${"".padEnd(27)}production still runs ${short(production.running)}\n`,
);

attempt("release 2", staging, second, later);
attempt("release 2", production, second, later);
attempt("rollback, no build", production, first, proof);
const [once, again] = [0, 0].map(() =>
  digestOf(build("c0ffee1", COMMITTED_AT)),
);
const equal = once === again ? "equal" : "different";
console.log(
  `${"time taken from the commit".padEnd(27)}two builds are ${equal}`,
);
