"""A throw-away CA on loopback: who is believed, and when, in TLS and mutual TLS."""

import contextlib
import socket
import ssl
import subprocess
import tempfile
import threading
from pathlib import Path
from typing import Any

SECONDS = 5
CONFIG = """
[req]
distinguished_name = subject
[subject]
[ca]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
subjectKeyIdentifier = hash
[leaf]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = {usage}
subjectAltName = {name}
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
"""


def openssl(folder: Path, arguments: str) -> None:
    command = ["openssl", *arguments.split()]
    subprocess.run(
        command, cwd=folder, check=True, capture_output=True, timeout=SECONDS
    )


def make_key(folder: Path, who: str) -> None:
    openssl(folder, f"ecparam -name prime256v1 -genkey -noout -out {who}.key")


def make_ca(folder: Path, who: str) -> None:
    (folder / "ca.cnf").write_text(CONFIG.format(usage="serverAuth", name="DNS:ca"))
    make_key(folder, who)
    openssl(
        folder,
        f"req -x509 -new -key {who}.key -subj /CN={who} -days 1"
        f" -config ca.cnf -extensions ca -out {who}.pem",
    )


def make_leaf(folder: Path, who: str, ca: str, usage: str, name: str) -> None:
    (folder / "leaf.cnf").write_text(CONFIG.format(usage=usage, name=name))
    make_key(folder, who)
    openssl(
        folder,
        f"req -new -key {who}.key -subj /CN={who} -config leaf.cnf -out {who}.csr",
    )
    openssl(
        folder,
        f"x509 -req -in {who}.csr -CA {ca}.pem -CAkey {ca}.key -CAcreateserial"
        f" -days 1 -sha256 -extfile leaf.cnf -extensions leaf -out {who}.pem",
    )


# --8<-- [start:show]
ALLOWED = {"spiffe://shop.internal/billing"}
REASONS: dict[int | str | None, str] = {
    20: "unknown authority",  # unable to get local issuer certificate
    62: "wrong host name",
    "TLSV13_ALERT_CERTIFICATE_REQUIRED": "certificate required",
    "TLSV1_ALERT_UNKNOWN_CA": "unknown authority",
}


def server_context(folder: Path, require_client: bool) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_cert_chain(folder / "orders.pem", folder / "orders.key")
    if require_client:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(folder / "ca.pem")
    return context


def client_context(folder: Path, trust: str, identity: str | None) -> ssl.SSLContext:
    # PROTOCOL_TLS_CLIENT checks chain and host name, and starts with no CA at all.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_verify_locations(folder / f"{trust}.pem")
    if identity:
        context.load_cert_chain(folder / f"{identity}.pem", folder / f"{identity}.key")
    return context


def greet(certificate: dict[str, Any] | None) -> str:
    """Authorization, which TLS leaves to the application."""
    names = dict((certificate or {}).get("subjectAltName", ()))
    if "URI" not in names:
        return "welcome, anonymous"
    verdict = "welcome" if names["URI"] in ALLOWED else "denied"
    return f"{verdict}, {names['URI']}"


def call(address: tuple[str, int], context: ssl.SSLContext, host: str) -> str:
    with socket.create_connection(address, timeout=SECONDS) as raw:
        try:
            connection = context.wrap_socket(raw, server_hostname=host)
        except ssl.SSLCertVerificationError as error:
            return f"client refuses at handshake: {REASONS[error.verify_code]}"
        with connection:
            try:
                return f"server answers: {connection.recv(1024).decode()}"
            except ssl.SSLError as error:
                return f"server refuses at first read: {REASONS[error.reason]}"


# --8<-- [end:show]


def answer(listener: socket.socket, context: ssl.SSLContext) -> None:
    accepted, _ = listener.accept()
    accepted.settimeout(SECONDS)
    connection = context.wrap_socket(
        accepted, server_side=True, do_handshake_on_connect=False
    )
    # A refused handshake is this server's job; the alert has told the client why.
    with contextlib.suppress(OSError):
        connection.do_handshake()
        connection.sendall(greet(connection.getpeercert()).encode())
    # Half-close, then drain: closing with unread bytes would reset the connection,
    # and a reset may overtake the alert.
    with (
        socket.socket(fileno=connection.detach()) as raw,
        contextlib.suppress(OSError),
    ):
        raw.settimeout(SECONDS)
        raw.shutdown(socket.SHUT_WR)
        while raw.recv(4096):
            pass


def attempt(
    label: str,
    server: ssl.SSLContext,
    client: ssl.SSLContext,
    host: str = "orders.internal",
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(SECONDS)
        thread = threading.Thread(target=answer, args=(listener, server))
        thread.start()
        result = call(listener.getsockname(), client, host)
        thread.join()
    print(f"  {label:<19}{result}")


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_ca(folder, "ca")
        make_ca(folder, "other")
        make_leaf(folder, "orders", "ca", "serverAuth", "DNS:orders.internal")
        for who, ca in ("billing", "ca"), ("reports", "ca"), ("stranger", "other"):
            san = f"URI:spiffe://shop.internal/{who}"
            make_leaf(folder, who, ca, "clientAuth", san)

        print("The server shows a certificate for orders.internal.")
        server = server_context(folder, require_client=False)
        unknown = client_context(folder, "other", None)
        trusting = client_context(folder, "ca", None)
        attempt("other CA trusted", server, unknown)
        attempt("its CA trusted", server, trusting)
        attempt("... but host mail", server, trusting, "mail.internal")

        print("The server also requires a client certificate.")
        server = server_context(folder, require_client=True)
        attempt("none sent", server, trusting)
        for who in "stranger", "reports", "billing":
            attempt(f"{who} sent", server, client_context(folder, "ca", who))


if __name__ == "__main__":
    main()
