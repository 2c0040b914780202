// A toy authorization server and client: code + PKCE, and what attackers try.
import { createHash, timingSafeEqual } from "node:crypto";

const CODE_SECONDS = 60;
const TOKEN_SECONDS = 300;
const ISSUER = "https://login.photos.test";
const CALLBACK = "https://print.test/callback";
const CHALLENGE = /^[A-Za-z0-9_-]{43}$/;

/** The challenge of a verifier, and the form in which secrets are stored. */
const s256 = (text) => createHash("sha256").update(text).digest("base64url");

function equal(a, b) {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

const failed = (error, status = 400) => ({ status, body: { error } });

/** Clients: Map of id to {redirectUris, scopes, secretHash}; public without hash. */
class AuthorizationServer {
  #clients;
  #clock; // seconds
  #source; // in production: randomBytes(32).toString("base64url")
  #grants = new Map(); // by the hash of the code
  #access = new Map(); // by the hash of the token

  constructor(clients, clock, source) {
    this.#clients = clients;
    this.#clock = clock;
    this.#source = source;
  }

  // --8<-- [start:show]
  /** The front channel: the user is logged in and has agreed. */
  authorize(user, query) {
    const clientId = query.get("client_id");
    const target = query.get("redirect_uri");
    const client = this.#clients.get(clientId);
    if (!client?.redirectUris.includes(target)) {
      return failed("invalid_request"); // shown to the user, never redirected
    }
    const reply = new URLSearchParams({ iss: ISSUER });
    if (query.has("state")) reply.set("state", query.get("state"));
    const scope = query.get("scope") ?? "";
    const challenge = query.get("code_challenge") ?? "";
    const hashed = query.get("code_challenge_method") === "S256";
    if (query.get("response_type") !== "code") {
      reply.set("error", "unsupported_response_type");
    } else if (!hashed || !CHALLENGE.test(challenge)) {
      reply.set("error", "invalid_request"); // plain, or no PKCE at all
    } else if (!scope.split(" ").every((each) => client.scopes.has(each))) {
      reply.set("error", "invalid_scope");
    } else {
      const code = this.#source();
      reply.set("code", code);
      const expires = this.#clock() + CODE_SECONDS;
      const grant = { user, clientId, target, challenge, scope, expires };
      this.#grants.set(s256(code), grant);
    }
    return { status: 302, location: `${target}?${reply}` };
  }

  /** The back channel; in SQL one transaction with the grant's row locked. */
  token(form, basic) {
    const clientId = this.#authenticated(form, basic);
    if (!clientId) return failed("invalid_client", 401);
    if (form.get("grant_type") !== "authorization_code") {
      return failed("unsupported_grant_type");
    }
    const grant = this.#grants.get(s256(form.get("code") ?? ""));
    if (grant?.clientId !== clientId) return failed("invalid_grant");
    const proof = s256(form.get("code_verifier") ?? "");
    if (!equal(proof, grant.challenge)) return failed("invalid_grant");
    if ((form.get("redirect_uri") ?? grant.target) !== grant.target) {
      return failed("invalid_grant"); // OAuth 2.0 sends it, 2.1 does not
    }
    if (grant.used) {
      grant.revoked = true; // the code leaked: its tokens end as well
      return failed("invalid_grant");
    }
    if (this.#clock() >= grant.expires) return failed("invalid_grant");
    grant.used = true;
    return this.#issue(grant);
  }
  // --8<-- [end:show]

  #authenticated(form, basic) {
    const [clientId, secret] = basic ?? [form.get("client_id")];
    const client = this.#clients.get(clientId);
    // A web client without its secret, an app with one.
    if (!client || Boolean(client.secretHash) !== (secret !== undefined)) {
      return undefined;
    }
    if (secret === undefined) return clientId;
    return equal(s256(secret), client.secretHash) ? clientId : undefined;
  }

  #issue(grant) {
    const token = this.#source();
    const expires = this.#clock() + TOKEN_SECONDS;
    this.#access.set(s256(token), { grant, expires });
    const body = {
      access_token: token,
      token_type: "Bearer",
      expires_in: TOKEN_SECONDS,
      scope: grant.scope,
    };
    return { status: 200, body };
  }

  /** What the API asks: whose token is it, and is the scope in it? */
  owner(token, scope) {
    const access = this.#access.get(s256(token));
    if (!access || access.grant.revoked) return undefined;
    if (this.#clock() >= access.expires) return undefined;
    const { user, scope: granted } = access.grant;
    return granted.split(" ").includes(scope) ? user : undefined;
  }
}

/** What not to write: prefix match, no PKCE, codes that last. */
class CarelessServer {
  #source;
  #users = new Map();

  constructor(source) {
    this.#source = source;
  }

  authorize(user, query) {
    const target = query.get("redirect_uri");
    if (!target.startsWith("https://print.test")) {
      return failed("invalid_request");
    }
    const code = this.#source();
    this.#users.set(code, user);
    const reply = new URLSearchParams({
      code,
      state: query.get("state") ?? "",
    });
    return { status: 302, location: `${target}?${reply}` };
  }

  token(form) {
    const token = this.#source();
    this.#users.set(token, this.#users.get(form.get("code")));
    return { status: 200, body: { access_token: token } };
  }

  owner(token) {
    return this.#users.get(token);
  }
}

/** The client. Its session belongs to one browser, by a cookie. */
class PrintShop {
  #server;
  #source;
  #careful;

  constructor(server, source, careful) {
    this.#server = server;
    this.#source = source;
    this.#careful = careful;
  }

  begin(session) {
    session.state = this.#source();
    session.verifier = this.#source();
    return {
      response_type: "code",
      client_id: "print-app",
      redirect_uri: CALLBACK,
      scope: "photos.read",
      state: session.state,
      code_challenge: s256(session.verifier),
      code_challenge_method: "S256",
    };
  }

  callback(session, params) {
    if (this.#careful) {
      const expected = session.state;
      delete session.state; // used once
      if (!expected || !equal(params.get("state") ?? "", expected)) {
        return "state is not my session's";
      }
      if (params.get("iss") !== ISSUER) return "iss is not whom I asked";
    }
    const form = new URLSearchParams({
      grant_type: "authorization_code",
      client_id: "print-app",
      code: params.get("code"),
      code_verifier: session.verifier,
    });
    delete session.verifier;
    const { status, body } = this.#server.token(form);
    if (status !== 200) return `${status} ${body.error}`;
    return `photos of ${this.#server.owner(body.access_token, "photos.read")}`;
  }
}

function numbered() {
  let issued = 0;
  return () => s256(`sample ${++issued}`);
}

function clients() {
  const scopes = new Set(["photos.read"]);
  // A sample: a real secret is random, and its hash comes from a database.
  const secretHash = s256("sample-secret");
  return new Map([
    ["print-app", { redirectUris: [CALLBACK], scopes }],
    ["print-web", { redirectUris: [CALLBACK], scopes, secretHash }],
    ["evil-app", { redirectUris: ["https://evil.test/cb"], scopes }],
  ]);
}

/** What the browser brings to the redirect URI. */
const arrived = (answer) => new URL(answer.location).searchParams;

/** Parameters with some changed; those set to undefined are left out. */
function parameters(values, changes) {
  const all = Object.entries({ ...values, ...changes });
  return new URLSearchParams(all.filter(([, value]) => value !== undefined));
}

/** One server, its client and their clock; a fresh one for each attack. */
class Scene {
  constructor(careful) {
    this.now = 0;
    this.server = careful
      ? new AuthorizationServer(clients(), () => this.now, numbered())
      : new CarelessServer(numbered());
    this.shop = new PrintShop(this.server, numbered(), careful);
    this.browser = {};
    this.query = this.shop.begin(this.browser);
  }

  allow(changes = {}, user = "ada") {
    return this.server.authorize(user, parameters(this.query, changes));
  }

  exchange(answer, changes = {}, basic = undefined) {
    const form = {
      grant_type: "authorization_code",
      client_id: "print-app",
      code: arrived(answer).get("code"),
      code_verifier: this.browser.verifier,
    };
    return this.server.token(parameters(form, changes), basic);
  }

  redeem(answer, changes = {}, basic = undefined) {
    const { status, body } = this.exchange(answer, changes, basic);
    return status === 200 ? "a token" : `${status} ${body.error}`;
  }
}

function late(scene) {
  const code = scene.allow();
  scene.now = CODE_SECONDS;
  return scene.redeem(code);
}

function replayed(scene) {
  const code = scene.allow();
  scene.redeem(code);
  return scene.redeem(code);
}

function tokenOfReplayed(scene) {
  const code = scene.allow();
  const first = scene.exchange(code).body.access_token;
  scene.redeem(code);
  const owner = scene.server.owner(first, "photos.read");
  return owner ? `200, photos of ${owner}` : "401 invalid_token";
}

function seen(answer) {
  if (answer.status !== 302) return `${answer.status}, no redirect`;
  return `302, ${arrived(answer).get("error") ?? "a code"}`;
}

function plain(scene) {
  const code_challenge = scene.browser.verifier;
  return seen(scene.allow({ code_challenge, code_challenge_method: "plain" }));
}

function downgrade(scene) {
  const none = { code_challenge: undefined, code_challenge_method: undefined };
  return seen(scene.allow(none));
}

function foreign(scene, state) {
  const eves = arrived(scene.allow({ state }, "eve"));
  return scene.shop.callback(scene.browser, eves);
}

function otherIssuer(scene) {
  const params = arrived(scene.allow());
  params.set("iss", "https://evil.test");
  return scene.shop.callback(scene.browser, params);
}

const ATTACKS = [
  ["no attack", (s) => s.shop.callback(s.browser, arrived(s.allow()))],
  [
    "stolen code without verifier",
    (s) => s.redeem(s.allow(), { code_verifier: undefined }),
  ],
  [
    "stolen code, a guessed verifier",
    (s) => s.redeem(s.allow(), { code_verifier: s256("a guess") }),
  ],
  [
    "stolen code at another client",
    (s) => s.redeem(s.allow(), { client_id: "evil-app" }),
  ],
  [
    "stolen code, wrong client secret",
    (s) =>
      s.redeem(s.allow({ client_id: "print-web" }), {}, [
        "print-web",
        "another-secret",
      ]),
  ],
  ["code after 60 seconds", late],
  ["code used twice: second answer", replayed],
  ["code used twice: first token", tokenOfReplayed],
  [
    "redirect to print.test.evil.test",
    (s) => seen(s.allow({ redirect_uri: "https://print.test.evil.test/" })),
  ],
  ["challenge method plain", plain],
  ["no challenge at all", downgrade],
  ["eve's code, without state", (s) => foreign(s, undefined)],
  ["eve's code, with her state", (s) => foreign(s, s256("eve's"))],
  ["answer names another issuer", otherIssuer],
];

function line(title, careless, careful) {
  console.log(`${title.padEnd(33)}${careless.padEnd(20)}${careful}`);
}

line("attack", "careless pair", "careful pair");
for (const [title, attack] of ATTACKS) {
  line(title, attack(new Scene(false)), attack(new Scene(true)));
}
