"""Let four fetchers loose on URLs that a user supplied, on a network in a box."""

import contextlib
import http.client
import socket
import ssl
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import SplitResult, urljoin, urlsplit

Address = IPv4Address | IPv6Address

PUBLIC = "192.31.196.10"  # of a block that is globally reachable
SILENT = "192.31.196.66"  # nobody listens there
METADATA = "169.254.169.254"
REDIRECTS = (301, 302, 303, 307, 308)


class RefusedError(Exception):
    """The fetcher will not go there, or not any further."""


class Resolver:
    """Names of the box; what is no name is read as inet_aton does: 0251 is octal."""

    def __init__(self) -> None:
        self.names = {
            "photos.test": [[PUBLIC]],
            "images.test": [[METADATA]],
            "both.test": [[SILENT, METADATA]],
            "rebind.test": [[PUBLIC], [METADATA]],  # first answer, then the other
        }

    def lookup(self, host: str) -> list[Address]:
        if answers := self.names.get(host):
            answer = answers.pop(0) if len(answers) > 1 else answers[0]
            return [ip_address(text) for text in answer]
        if ":" in host:
            return [ip_address(host)]
        return [IPv4Address(socket.inet_aton(host))]


class Network:
    """Takes simulated addresses to servers on the loopback interface."""

    def __init__(self, servers: dict[str, int]) -> None:
        self.servers = servers

    def dial(self, address: Address, port: int, timeout: float = 5) -> socket.socket:
        real = getattr(address, "ipv4_mapped", None) or address
        if port != 80 or str(real) not in self.servers:
            raise ConnectionRefusedError(f"{address}:{port}")
        server = ("127.0.0.1", self.servers[str(real)])
        return socket.create_connection(server, timeout)


def get(
    sock: socket.socket, parts: SplitResult, max_bytes: int
) -> tuple[int, str, bytes]:
    """Send a GET over this connection; Host and TLS go by the name, not the address."""
    if parts.scheme == "https":
        tls = ssl.create_default_context()
        sock = tls.wrap_socket(sock, server_hostname=parts.hostname)
    connection = http.client.HTTPConnection(parts.netloc)
    connection.sock = sock
    with contextlib.closing(connection):
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("GET", target, headers={"Accept-Encoding": "identity"})
        response = connection.getresponse()
        body = response.read(max_bytes + 1)
        if len(body) > max_bytes:
            raise RefusedError(f"more than {max_bytes} bytes")
        return response.status, response.headers.get("Location", ""), body


# IPv4 that is not global (IANA registry; at the end a host of Azure). Of IPv6 only
# 2000::/3 is let through, not ::1, fc00::/7, fe80::/10, ::ffff:0:0/96 or NAT64.
RESERVED = """0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16
172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 192.88.99.0/24 192.168.0.0/16
198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4
2001::/23 2001:db8::/32 2002::/16 3fff::/20 168.63.129.16/32"""
BLOCKS = [ip_network(block) for block in RESERVED.split()]
GLOBAL_UNICAST = ip_network("2000::/3")


def is_public(address: Address) -> bool:
    if address.version == 6 and address not in GLOBAL_UNICAST:
        return False
    return not any(address in block for block in BLOCKS)


PORTS = {"http": 80, "https": 443}
MAX_REDIRECTS, MAX_BYTES, MAX_SECONDS = 3, 65_536, 1


# --8<-- [start:show]
class SafeFetcher:
    def __init__(self, resolver: Resolver, network: Network) -> None:
        self.resolver, self.network = resolver, network

    def vet(self, url: str) -> tuple[SplitResult, Address]:
        """Parse once and resolve once; what follows uses only what is returned."""
        parts = urlsplit(url)
        if parts.scheme not in PORTS:
            raise RefusedError(f"scheme {parts.scheme}")
        if parts.username is not None:
            raise RefusedError("credentials in the URL")
        if (port := parts.port or PORTS[parts.scheme]) != PORTS[parts.scheme]:
            raise RefusedError(f"port {port}")
        addresses = self.resolver.lookup(parts.hostname or "")
        for address in addresses:  # all: the client may fall back to any
            if not is_public(address):
                raise RefusedError(f"{address} is not public")
        return parts, addresses[0]

    def fetch(self, url: str) -> bytes:
        deadline = time.monotonic() + MAX_SECONDS  # for all hops together
        for _ in range(MAX_REDIRECTS + 1):
            parts, address = self.vet(url)  # each hop, not only the first
            port = PORTS[parts.scheme]
            sock = self.network.dial(address, port, left(deadline))  # this very address
            with cut_off(sock, deadline):
                status, location, body = get(sock, parts, MAX_BYTES)
            if status not in REDIRECTS:
                return body
            url = urljoin(url, location)
        raise RefusedError(f"more than {MAX_REDIRECTS} redirects")


# --8<-- [end:show]


def left(deadline: float) -> float:
    if (seconds := deadline - time.monotonic()) <= 0:
        raise RefusedError(f"more than {MAX_SECONDS} s")
    return seconds


@contextlib.contextmanager
def cut_off(sock: socket.socket, deadline: float):
    """Shut the connection at the deadline, however slowly bytes keep coming."""
    guard = sock.dup()  # as TLS takes the descriptor away from sock

    def shut() -> None:
        with contextlib.suppress(OSError):
            guard.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(max(deadline - time.monotonic(), 0), shut)
    timer.start()
    try:
        yield
    except (http.client.HTTPException, OSError):
        if time.monotonic() < deadline:
            raise
    finally:
        timer.cancel()
        guard.close()
    left(deadline)  # a body cut short is no body


class Careless:
    """Three fetchers that differ in what they check before they set off."""

    def __init__(self, resolver: Resolver, network: Network) -> None:
        self.resolver, self.network = resolver, network

    def unchecked(self, url: str) -> bytes:
        for _ in range(5):
            parts = urlsplit(url)
            status, location, body = get(self.connect(parts), parts, 1 << 30)
            if status not in REDIRECTS:
                return body
            url = urljoin(url, location)
        raise RefusedError("too many redirects")

    def connect(self, parts: SplitResult) -> socket.socket:
        """Take the first address that answers, as HTTP clients do."""
        for address in self.resolver.lookup(parts.hostname or ""):
            with contextlib.suppress(ConnectionRefusedError):
                return self.network.dial(address, parts.port or 80)
        raise ConnectionRefusedError(parts.hostname)

    def words(self, url: str) -> bytes:
        for word in ("localhost", "127.0.0.1", METADATA, "192.168.", "metadata"):
            if word in url:
                raise RefusedError(word)
        return self.unchecked(url)

    def first(self, url: str) -> bytes:
        address = self.resolver.lookup(urlsplit(url).hostname or "")[0]
        if not is_public(address):
            raise RefusedError(f"{address} is not public")
        return self.unchecked(url)  # which resolves again


STOP = threading.Event()


class Handler(BaseHTTPRequestHandler):
    def answer(self, status: int, body: bytes, location: str = "") -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        if location:
            self.send_header("Location", location)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """The output is the proof; no log beside it."""


class Photos(Handler):
    def do_GET(self) -> None:
        match self.path if self.headers["Host"] == "photos.test" else "/other":
            case "/cat":
                self.answer(200, b"photo")
            case "/moved":
                self.answer(302, b"", "/cat")
            case "/inward":
                self.answer(302, b"", f"http://{METADATA}/role")
            case "/loop":
                self.answer(302, b"", "/loop")
            case "/big":
                with contextlib.suppress(ConnectionError):
                    self.answer(200, b"x" * 1_000_000)
            case "/slow":
                self.send_response(200)
                self.send_header("Content-Length", "5")
                self.end_headers()
                self.wfile.write(b"ph")
                STOP.wait(10)
            case _:
                self.answer(200, b"page")


class Metadata(Handler):
    def do_GET(self) -> None:
        if self.path == "/role":  # as IMDSv1 did
            self.answer(200, b"SECRET")
        else:  # IMDSv2 wants a token, which takes a PUT with a header of its own
            self.answer(401, b"401")


ATTACKS = """http://photos.test/cat
http://photos.test/moved
http://169.254.169.254/role
http://2852039166/role
http://0251.0376.0251.0376/role
http://[::ffff:a9fe:a9fe]/role
http://images.test/role
http://photos.test/inward
http://rebind.test/role
http://both.test/role
http://2852039166/v2/role"""

REASONS = """file:///etc/passwd
http://photos.test:6379/
http://user:pw@photos.test/cat
http://2852039166/role
http://photos.test/inward
http://both.test/role
http://photos.test/loop
http://photos.test/big
http://photos.test/slow"""


def attempt(fetch: Callable[[str], bytes], url: str) -> str:
    try:
        return fetch(url).decode()
    except RefusedError:
        return "refused"


def demonstrate(network: Network) -> None:
    print(f"{'URL':34}no check  words     first     safe")
    for url in ATTACKS.splitlines():
        cells = [
            attempt(Careless(Resolver(), network).unchecked, url),
            attempt(Careless(Resolver(), network).words, url),
            attempt(Careless(Resolver(), network).first, url),
            attempt(SafeFetcher(Resolver(), network).fetch, url),
        ]
        print(f"{url:34}{''.join(f'{cell:10}' for cell in cells)}".rstrip())
    print("\nsafe refuses because of")
    for url in REASONS.splitlines():
        try:
            SafeFetcher(Resolver(), network).fetch(url)
        except RefusedError as error:
            print(f"{url:34}{error}")


def main() -> None:
    servers = {}
    for address, handler in ((PUBLIC, Photos), (METADATA, Metadata)):
        servers[address] = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=servers[address].serve_forever, daemon=True).start()
    try:
        demonstrate(Network({a: s.server_address[1] for a, s in servers.items()}))
    finally:
        STOP.set()
        for server in servers.values():
            server.shutdown()
            server.server_close()


if __name__ == "__main__":
    main()
