"""Forge requests against a cookie session, with one defense at a time."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

SHOP = "https://shop.test"
BLOG = "https://blog.shop.test"  # same site, another origin
EVIL = "https://evil.test"
SAFE = ("GET", "HEAD", "OPTIONS")
KEY = b"sample-only-key-of-32-bytes-here"  # a real one comes from a secret manager
SESSION = "__Host-id"

Form = dict[str, str]
Random = Callable[[int], bytes]


@dataclass(frozen=True)
class Request:
    method: str
    host: str
    path: str
    headers: dict[str, str] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)
    form: Form = field(default_factory=dict)


# --8<-- [start:show]
def is_cross_origin(request: Request) -> bool:
    """The algorithm of Go's net/http CrossOriginProtection."""
    if request.method in SAFE:
        return False  # so GET must never change anything
    site = request.headers.get("Sec-Fetch-Site", "")
    if site:
        return site not in ("same-origin", "none")  # same-site is not enough
    origin = request.headers.get("Origin", "")
    if not origin:
        return False  # no browser, or one from before 2020
    return urlsplit(origin).netloc != request.host


def sign(sid: str, nonce: str) -> str:
    mac = hmac.digest(KEY, f"{sid}!{nonce}".encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(mac).rstrip(b"=").decode()


def issue_token(sid: str, random: Random = secrets.token_bytes) -> str:
    nonce = random(16).hex()
    return f"{nonce}.{sign(sid, nonce)}"  # nothing to store


def is_valid_token(sid: str, token: str) -> bool:
    nonce, _, mac = token.partition(".")
    return hmac.compare_digest(mac.encode(), sign(sid, nonce).encode())


def attaches(same_site: str, cross_site: bool, method: str) -> bool:
    """The browser's half: is the cookie sent with a top-level navigation?"""
    if not cross_site or same_site == "None":
        return True
    return same_site == "Lax" and method in SAFE


# --8<-- [end:show]
@dataclass(frozen=True)
class Cookie:
    name: str
    value: str
    domain: str  # a host, or with a leading dot also its subdomains
    same_site: str


@dataclass(frozen=True)
class Defense:
    name: str
    same_site: str = "None"
    headers: bool = False
    token: str = ""  # "", "double" or "signed"


class Shop:
    def __init__(self, defense: Defense) -> None:
        self.defense = defense
        self.users: dict[str, str] = {}  # by session id
        self.transfers: list[str] = []

    def start(self, user: str) -> Cookie:
        sid = f"session-{len(self.users) + 1}"  # a real one is random
        self.users[sid] = user
        return Cookie(SESSION, sid, "shop.test", self.defense.same_site)

    def handle(self, request: Request) -> Cookie | None:
        """Returns a cookie to set. None also stands for 403."""
        sid = request.cookies.get(SESSION, "")
        if self.defense.headers and is_cross_origin(request):
            return None
        if request.method not in SAFE and not self.token_passes(sid, request):
            return None
        if request.path == "/login":
            return self.start(request.form["user"])
        if request.path == "/transfer" and self.users.get(sid):
            self.transfers.append(self.users[sid])  # the GET route is the flaw
        return None

    def token_passes(self, sid: str, request: Request) -> bool:
        token = request.form.get("csrf", "")
        match self.defense.token:
            case "double":
                return bool(token) and token == request.cookies.get("csrf")
            case "signed":
                return sid in self.users and is_valid_token(sid, token)
            case _:
                return True


@dataclass
class Browser:
    fetch_metadata: bool = True
    origin: bool = True
    same_site: bool = True
    jar: list[Cookie] = field(default_factory=list)

    def store(self, cookie: Cookie) -> None:
        same = (cookie.name, cookie.domain)
        self.jar = [c for c in self.jar if (c.name, c.domain) != same] + [cookie]

    def navigate(self, page: str, method: str, path: str, form: Form) -> Request:
        """Follow a link, or send a form, from the page to the shop."""
        relation = relate(page, SHOP)
        headers: dict[str, str] = {}
        if self.fetch_metadata:
            headers["Sec-Fetch-Site"] = relation
        if self.origin and method == "POST":
            headers["Origin"] = page
        cross = self.same_site and relation == "cross-site"
        sent = [c for c in self.jar if attaches(c.same_site, cross, method)]
        cookies = {c.name: c.value for c in sent}
        return Request(method, "shop.test", path, headers, cookies, form)


def relate(page: str, target: str) -> str:
    """Real browsers ask the Public Suffix List; two labels will do here."""
    if page == target:
        return "same-origin"
    sites = {".".join(urlsplit(u).netloc.split(".")[-2:]) for u in (page, target)}
    return "same-site" if len(sites) == 1 else "cross-site"


def counted() -> Random:
    """Repeatable bytes for a test."""
    calls = iter(range(1, 1000))
    return lambda size: hashlib.sha256(f"sample {next(calls)}".encode()).digest()[:size]


@dataclass(frozen=True)
class Attack:
    name: str
    page: str
    method: str = "POST"
    path: str = "/transfer"
    fetch_metadata: bool = True
    origin: bool = True
    same_site: bool = True


DEFENSES = (
    Defense("none"),
    Defense("Lax", same_site="Lax"),
    Defense("Strict", same_site="Strict"),
    Defense("headers", headers=True),
    Defense("token", token="signed"),
    Defense("all", same_site="Lax", headers=True, token="signed"),
)
ATTACKS = (
    Attack("cross-site form", EVIL),
    Attack("form on blog.shop.test", BLOG),
    Attack("no Sec-Fetch-Site", EVIL, fetch_metadata=False),
    Attack("nor SameSite, Origin", EVIL, "POST", "/transfer", False, False, False),
    Attack("link to a GET that pays", EVIL, "GET"),
    Attack("login as mallory", EVIL, "POST", "/login"),
)


def exploit(attack: Attack, defense: Defense) -> bool:
    shop = Shop(defense)
    browser = Browser(attack.fetch_metadata, attack.origin, attack.same_site)
    user = "" if attack.path == "/login" else "ada"
    browser.store(shop.start(user))
    mallory = shop.start("mallory")  # she has an account, and a token of her own
    form = {"user": "mallory", "csrf": issue_token(mallory.value, counted())}
    request = browser.navigate(attack.page, attack.method, attack.path, form)
    if (cookie := shop.handle(request)) is not None:
        browser.store(cookie)
    if attack.path == "/login":
        return shop.users[browser.jar[-1].value] == "mallory"
    return "ada" in shop.transfers


def own_form(defense: Defense) -> bool:
    shop, browser = Shop(defense), Browser()
    browser.store(shop.start("ada"))
    form = {"csrf": issue_token(browser.jar[0].value, counted())}
    shop.handle(browser.navigate(SHOP, "POST", "/transfer", form))
    return shop.transfers == ["ada"]


def link_keeps_login(defense: Defense) -> bool:
    browser = Browser()
    browser.store(Shop(defense).start("ada"))
    return SESSION in browser.navigate(EVIL, "GET", "/", {}).cookies


def tossed(kind: str) -> bool:
    """The blog sets a csrf cookie for shop.test, and posts the same value."""
    shop, browser = Shop(Defense(kind, "Strict", token=kind)), Browser()
    browser.store(shop.start("ada"))
    mallory = shop.start("mallory")
    token = issue_token(mallory.value, counted())
    browser.store(Cookie("csrf", token, ".shop.test", "Lax"))
    shop.handle(browser.navigate(BLOG, "POST", "/transfer", {"csrf": token}))
    return shop.transfers == ["ada"]


def row(label: str, cells: list[str]) -> None:
    print((f"{label:26}" + "".join(f"{cell:8}" for cell in cells)).rstrip())


def main() -> None:
    row("attack on ada", [d.name for d in DEFENSES])
    for attack in ATTACKS:
        verdicts = [exploit(attack, d) for d in DEFENSES]
        row("  " + attack.name, ["works" if v else "stopped" for v in verdicts])
    row("\nada herself", [])
    row("  form of the shop", ["ok" if own_form(d) else "fails" for d in DEFENSES])
    kept = [link_keeps_login(d) for d in DEFENSES]
    row("  logged in after a link", ["yes" if v else "no" for v in kept])
    print("\nform and tossed cookie from blog.shop.test, with SameSite=Strict")
    for label, kind in (("double submit", "double"), ("signed, bound", "signed")):
        row(f"  {label}", ["works" if tossed(kind) else "stopped"])


if __name__ == "__main__":
    main()
