"""A pipeline that builds once and promotes by digest; a gate that checks evidence."""

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

TYPE = "application/vnd.in-toto+json"
REPOSITORY = "https://git.shop.test/shop/api"
BUILDER = "https://ci.shop.test/workflows/release"
COMMITTED_AT = 1_795_000_000


class RefusedError(Exception):
    pass


def sample_key(name: str) -> Ed25519PrivateKey:
    """A key that anyone can derive: good for an example and for nothing else."""
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(name.encode()).digest())


def digest_of(artifact: bytes) -> str:
    return hashlib.sha256(artifact).hexdigest()


def short(digest: str) -> str:
    return f"sha256:{digest[:12]}"


def build(commit: str, built_at: int) -> bytes:
    """Like many real builds, this one writes its time into what it makes."""
    return f"shop-api {commit} built at {built_at}\n".encode()


@dataclass(frozen=True)
class Envelope:
    payload: str
    signature: bytes


# --8<-- [start:show]
def signed_bytes(payload: str) -> bytes:
    """DSSE: type and length are signed too, so nothing can be read differently."""
    return f"DSSEv1 {len(TYPE)} {TYPE} {len(payload)} {payload}".encode()


def attest(key: Ed25519PrivateKey, artifact: bytes, ref: str) -> Envelope:
    """The builder states what it made, and from which repository and ref."""
    workflow = {"repository": REPOSITORY, "ref": ref}
    statement = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "api", "digest": {"sha256": digest_of(artifact)}}],
        "predicateType": "https://slsa.dev/provenance/v1",
        "predicate": {
            "buildDefinition": {"externalParameters": {"workflow": workflow}},
            "runDetails": {"builder": {"id": BUILDER}},
        },
    }
    payload = json.dumps(statement)
    return Envelope(payload, key.sign(signed_bytes(payload)))


def verify(trusted: Ed25519PublicKey, artifact: bytes, envelope: Envelope) -> str:
    """Signature first: before it holds, no field of the statement means anything."""
    try:
        trusted.verify(envelope.signature, signed_bytes(envelope.payload))
    except InvalidSignature as error:
        raise RefusedError("not signed by the builder") from error
    statement: dict[str, Any] = json.loads(envelope.payload)
    digest = digest_of(artifact)
    if digest != statement["subject"][0]["digest"]["sha256"]:
        raise RefusedError("bytes are not those the builder made")
    definition = statement["predicate"]["buildDefinition"]
    workflow = definition["externalParameters"]["workflow"]
    if workflow != {"repository": REPOSITORY, "ref": "refs/heads/main"}:
        raise RefusedError(f"built from {workflow['ref']}")
    return digest


def promote(target: "Environment", artifact: bytes, envelope: Envelope) -> str:
    """Deploy these bytes, if the environment before this one has passed them."""
    digest = verify(target.trusted, artifact, envelope)
    if target.after and digest not in target.after.passed:
        raise RefusedError(f"{short(digest)} has not passed {target.after.name}")
    target.running = digest
    target.passed.add(digest)  # a real gate runs the smoke test first
    return digest


# --8<-- [end:show]


@dataclass
class Environment:
    name: str
    trusted: Ed25519PublicKey
    after: "Environment | None" = None
    running: str = ""
    passed: set[str] = field(default_factory=set)


def attempt(label: str, target: Environment, artifact: bytes, env: Envelope) -> None:
    try:
        told = f"{target.name} runs {short(promote(target, artifact, env))}"
    except RefusedError as refused:
        told = f"refused: {refused}"
    print(f"{label:<27}{told}")


def main() -> None:
    builder, stranger = sample_key("builder"), sample_key("stranger")
    main_ref, pull_ref = "refs/heads/main", "refs/pull/7/merge"
    staging = Environment("staging", builder.public_key())
    production = Environment("production", builder.public_key(), after=staging)

    first = build("c0ffee1", COMMITTED_AT + 60)
    proof = attest(builder, first, main_ref)
    attempt("release 1", staging, first, proof)
    attempt("release 1", production, first, proof)
    same = production.running == staging.running
    print(f"{'':<27}the same bytes in both: {'yes' if same else 'no'}\n")

    rebuilt = build("c0ffee1", COMMITTED_AT + 3600)
    attempt(
        "rebuilt for production",
        production,
        rebuilt,
        attest(builder, rebuilt, main_ref),
    )
    attempt("bytes changed in store", production, first + b"#", proof)
    attempt(
        "signed by a stranger", production, first, attest(stranger, first, main_ref)
    )
    edited = Envelope(proof.payload.replace("heads", "tags"), proof.signature)
    attempt("statement edited", production, first, edited)
    attempt(
        "built for a pull request", production, first, attest(builder, first, pull_ref)
    )
    second = build("badc0de", COMMITTED_AT + 7200)
    later = attest(builder, second, main_ref)
    attempt("release 2, no staging", production, second, later)
    print(f"{'':<27}production still runs {short(production.running)}\n")

    attempt("release 2", staging, second, later)
    attempt("release 2", production, second, later)
    attempt("rollback, no build", production, first, proof)
    once = digest_of(build("c0ffee1", COMMITTED_AT))
    again = digest_of(build("c0ffee1", COMMITTED_AT))
    equal = "equal" if once == again else "different"
    print(f"{'time taken from the commit':<27}two builds are {equal}")


if __name__ == "__main__":
    main()
