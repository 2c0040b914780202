"""A toy authorization server and client: code + PKCE, and what attackers try."""

import hashlib
import hmac
import re
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from urllib.parse import parse_qsl, urlencode, urlsplit

CODE_SECONDS = 60
TOKEN_SECONDS = 300
ISSUER = "https://login.photos.test"
CALLBACK = "https://print.test/callback"
CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")

Params = Mapping[str, str]
Source = Callable[[], str]  # in production: secrets.token_urlsafe(32)


def s256(text: str) -> str:
    """The challenge of a verifier, and the form in which secrets are stored."""
    digest = hashlib.sha256(text.encode()).digest()
    return urlsafe_b64encode(digest).rstrip(b"=").decode()


@dataclass(frozen=True, slots=True)
class Client:
    redirect_uris: tuple[str, ...]
    scopes: frozenset[str]
    secret_hash: str | None = None  # a public client has none


@dataclass(slots=True)
class Grant:
    """What the user allowed; the row of a code, whose hash is the key."""

    user: str
    client_id: str
    redirect_uri: str
    challenge: str
    scope: str
    expires: int
    used: bool = False
    revoked: bool = False


@dataclass(frozen=True, slots=True)
class Access:
    grant: Grant
    expires: int


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: dict[str, str | int] = field(default_factory=dict)
    location: str = ""


def failed(error: str, status: int = 400) -> Answer:
    return Answer(status, {"error": error})


class AuthorizationServer:
    def __init__(
        self, clients: Mapping[str, Client], clock: Callable[[], int], source: Source
    ) -> None:
        self._clients, self._clock, self._source = clients, clock, source
        self._grants: dict[str, Grant] = {}
        self._access: dict[str, Access] = {}

    # --8<-- [start:show]
    def authorize(self, user: str, query: Params) -> Answer:
        """The front channel: the user is logged in and has agreed."""
        client_id, target = query.get("client_id", ""), query.get("redirect_uri", "")
        client = self._clients.get(client_id)
        if client is None or target not in client.redirect_uris:
            return failed("invalid_request")  # shown to the user, never redirected
        reply = {"iss": ISSUER}
        if "state" in query:
            reply["state"] = query["state"]
        scope, challenge = query.get("scope", ""), query.get("code_challenge", "")
        hashed = query.get("code_challenge_method") == "S256"
        if query.get("response_type") != "code":
            reply["error"] = "unsupported_response_type"
        elif not hashed or not CHALLENGE.fullmatch(challenge):
            reply["error"] = "invalid_request"  # plain, or no PKCE at all
        elif not scope or not client.scopes.issuperset(scope.split(" ")):
            reply["error"] = "invalid_scope"
        else:
            reply["code"] = code = self._source()
            expires = self._clock() + CODE_SECONDS
            self._grants[s256(code)] = Grant(
                user, client_id, target, challenge, scope, expires
            )
        return Answer(302, location=f"{target}?{urlencode(reply)}")

    def token(self, form: Params, basic: tuple[str, str] | None = None) -> Answer:
        """The back channel; in SQL one transaction with the grant's row locked."""
        client_id = self._authenticated(form, basic)
        if client_id is None:
            return failed("invalid_client", 401)
        if form.get("grant_type") != "authorization_code":
            return failed("unsupported_grant_type")
        grant = self._grants.get(s256(form.get("code", "")))
        if grant is None or grant.client_id != client_id:
            return failed("invalid_grant")
        proof = s256(form.get("code_verifier", ""))
        if not hmac.compare_digest(proof, grant.challenge):
            return failed("invalid_grant")
        if form.get("redirect_uri", grant.redirect_uri) != grant.redirect_uri:
            return failed("invalid_grant")  # OAuth 2.0 sends it, 2.1 does not
        if grant.used:
            grant.revoked = True  # the code leaked: its tokens end as well
            return failed("invalid_grant")
        if self._clock() >= grant.expires:
            return failed("invalid_grant")
        grant.used = True
        return self._issue(grant)

    # --8<-- [end:show]

    def _authenticated(self, form: Params, basic: tuple[str, str] | None) -> str | None:
        client_id, secret = basic or (form.get("client_id", ""), None)
        client = self._clients.get(client_id)
        if client is None or (client.secret_hash is None) != (secret is None):
            return None  # a web client without its secret, an app with one
        if secret is None:
            return client_id
        right = hmac.compare_digest(s256(secret), client.secret_hash)
        return client_id if right else None

    def _issue(self, grant: Grant) -> Answer:
        token = self._source()
        self._access[s256(token)] = Access(grant, self._clock() + TOKEN_SECONDS)
        return Answer(
            200,
            {
                "access_token": token,
                "token_type": "Bearer",
                "expires_in": TOKEN_SECONDS,
                "scope": grant.scope,
            },
        )

    def owner(self, token: str, scope: str) -> str | None:
        """What the API asks: whose token is it, and is the scope in it?"""
        access = self._access.get(s256(token))
        if access is None or access.grant.revoked or self._clock() >= access.expires:
            return None
        return access.grant.user if scope in access.grant.scope.split(" ") else None


class CarelessServer:
    """What not to write: prefix match, no PKCE, codes that last."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._users: dict[str, str] = {}

    def authorize(self, user: str, query: Params) -> Answer:
        target = query["redirect_uri"]
        if not target.startswith("https://print.test"):
            return failed("invalid_request")
        reply = {"code": self._source(), "state": query.get("state", "")}
        self._users[reply["code"]] = user
        return Answer(302, location=f"{target}?{urlencode(reply)}")

    def token(self, form: Params, basic: tuple[str, str] | None = None) -> Answer:
        token = self._source()
        self._users[token] = self._users[form["code"]]
        return Answer(200, {"access_token": token})

    def owner(self, token: str, scope: str) -> str | None:
        return self._users.get(token)


Server = AuthorizationServer | CarelessServer
Session = dict[str, str]


class PrintShop:
    """The client. Its session belongs to one browser, by a cookie."""

    def __init__(self, server: Server, source: Source, careful: bool) -> None:
        self._server, self._source, self._careful = server, source, careful

    def begin(self, session: Session) -> dict[str, str]:
        session["state"], session["verifier"] = self._source(), self._source()
        return {
            "response_type": "code",
            "client_id": "print-app",
            "redirect_uri": CALLBACK,
            "scope": "photos.read",
            "state": session["state"],
            "code_challenge": s256(session["verifier"]),
            "code_challenge_method": "S256",
        }

    def callback(self, session: Session, params: Params) -> str:
        if self._careful:
            expected = session.pop("state", "")  # used once
            given = params.get("state", "")
            if not expected or not hmac.compare_digest(given, expected):
                return "state is not my session's"
            if params.get("iss") != ISSUER:
                return "iss is not whom I asked"
        form = {
            "grant_type": "authorization_code",
            "client_id": "print-app",
            "code": params["code"],
            "code_verifier": session.pop("verifier", ""),
        }
        answer = self._server.token(form)
        if answer.status != 200:
            return f"{answer.status} {answer.body['error']}"
        token = str(answer.body["access_token"])
        return f"photos of {self._server.owner(token, 'photos.read')}"


def numbered() -> Source:
    numbers = count(1)
    return lambda: s256(f"sample {next(numbers)}")


def clients() -> dict[str, Client]:
    scopes = frozenset({"photos.read"})
    # A sample: a real secret is random, and its hash comes from a database.
    web_secret = s256("sample-secret")
    return {
        "print-app": Client((CALLBACK,), scopes),
        "print-web": Client((CALLBACK,), scopes, web_secret),
        "evil-app": Client(("https://evil.test/cb",), scopes),
    }


def arrived(answer: Answer) -> dict[str, str]:
    """What the browser brings to the redirect URI."""
    return dict(parse_qsl(urlsplit(answer.location).query))


class Scene:
    """One server, its client and their clock; a fresh one for each attack."""

    def __init__(self, careful: bool) -> None:
        self.now = 0
        if careful:
            self.server: Server = AuthorizationServer(
                clients(), lambda: self.now, numbered()
            )
        else:
            self.server = CarelessServer(numbered())
        self.shop = PrintShop(self.server, numbered(), careful)
        self.browser: Session = {}
        self.query = self.shop.begin(self.browser)

    def allow(self, user: str = "ada", **changes: str | None) -> Answer:
        query = self.query | changes
        return self.server.authorize(user, {k: v for k, v in query.items() if v})

    def redeem(self, answer: Answer, secret: str = "", **changes: str | None) -> str:
        form = {
            "grant_type": "authorization_code",
            "client_id": "print-app",
            "code": arrived(answer)["code"],
            "code_verifier": self.browser["verifier"],
        } | changes
        basic = ("print-web", secret) if secret else None
        got = self.server.token({k: v for k, v in form.items() if v}, basic)
        return "a token" if got.status == 200 else f"{got.status} {got.body['error']}"


def honest(scene: Scene) -> str:
    return scene.shop.callback(scene.browser, arrived(scene.allow()))


def no_verifier(scene: Scene) -> str:
    return scene.redeem(scene.allow(), code_verifier=None)


def other_verifier(scene: Scene) -> str:
    return scene.redeem(scene.allow(), code_verifier=s256("a guess"))


def other_client(scene: Scene) -> str:
    return scene.redeem(scene.allow(), client_id="evil-app")


def wrong_secret(scene: Scene) -> str:
    code = scene.allow(client_id="print-web")
    return scene.redeem(code, secret="another-secret")


def late(scene: Scene) -> str:
    code = scene.allow()
    scene.now = CODE_SECONDS
    return scene.redeem(code)


def replayed(scene: Scene) -> str:
    code = scene.allow()
    scene.redeem(code)
    return scene.redeem(code)


def token_of_replayed(scene: Scene) -> str:
    code = scene.allow()
    form = {
        "grant_type": "authorization_code",
        "client_id": "print-app",
        "code": arrived(code)["code"],
        "code_verifier": scene.browser["verifier"],
    }
    first = str(scene.server.token(form).body["access_token"])
    scene.redeem(code)
    owner = scene.server.owner(first, "photos.read")
    return f"200, photos of {owner}" if owner else "401 invalid_token"


def seen(answer: Answer) -> str:
    if answer.status != 302:
        return f"{answer.status}, no redirect"
    return f"302, {arrived(answer).get('error', 'a code')}"


def other_redirect(scene: Scene) -> str:
    return seen(scene.allow(redirect_uri="https://print.test.evil.test/"))


def plain(scene: Scene) -> str:
    verifier = scene.browser["verifier"]
    return seen(scene.allow(code_challenge=verifier, code_challenge_method="plain"))


def downgrade(scene: Scene) -> str:
    return seen(scene.allow(code_challenge=None, code_challenge_method=None))


def no_state(scene: Scene) -> str:
    eves = arrived(scene.allow("eve", state=None))
    return scene.shop.callback(scene.browser, eves)


def other_state(scene: Scene) -> str:
    eves = arrived(scene.allow("eve", state=s256("eve's")))
    return scene.shop.callback(scene.browser, eves)


def other_issuer(scene: Scene) -> str:
    params = arrived(scene.allow()) | {"iss": "https://evil.test"}
    return scene.shop.callback(scene.browser, params)


ATTACKS: list[tuple[str, Callable[[Scene], str]]] = [
    ("no attack", honest),
    ("stolen code without verifier", no_verifier),
    ("stolen code, a guessed verifier", other_verifier),
    ("stolen code at another client", other_client),
    ("stolen code, wrong client secret", wrong_secret),
    ("code after 60 seconds", late),
    ("code used twice: second answer", replayed),
    ("code used twice: first token", token_of_replayed),
    ("redirect to print.test.evil.test", other_redirect),
    ("challenge method plain", plain),
    ("no challenge at all", downgrade),
    ("eve's code, without state", no_state),
    ("eve's code, with her state", other_state),
    ("answer names another issuer", other_issuer),
]


def main() -> None:
    print(f"{'attack':<33}{'careless pair':<20}careful pair")
    for title, attack in ATTACKS:
        careless, careful = attack(Scene(False)), attack(Scene(True))
        print(f"{title:<33}{careless:<20}{careful}")


if __name__ == "__main__":
    main()
