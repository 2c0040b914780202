// Let four fetchers loose on URLs that a user supplied, on a network in a box.
import { once } from "node:events";
import { createServer, request } from "node:http";
import { BlockList, connect, isIP, isIPv6 } from "node:net";
import { connect as connectTls } from "node:tls";

const PUBLIC = "192.31.196.10"; // of a block that is globally reachable
const SILENT = "192.31.196.66"; // nobody listens there
const METADATA = "169.254.169.254";
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** The fetcher will not go there, or not any further. */
class RefusedError extends Error {}

/** Nobody listens at that address. */
class ConnectionRefusedError extends Error {}

/** Names of the box; URL has already read 0251 as octal, as inet_aton does. */
class Resolver {
  names = {
    "photos.test": [[PUBLIC]],
    "images.test": [[METADATA]],
    "both.test": [[SILENT, METADATA]],
    "rebind.test": [[PUBLIC], [METADATA]], // first answer, then the other
  };

  async lookup(host) {
    const answers = this.names[host];
    if (answers) return answers.length > 1 ? answers.shift() : answers[0];
    return [host.replace(/^\[|\]$/g, "")];
  }
}

/** Takes simulated addresses to servers on the loopback interface. */
class Network {
  constructor(servers) {
    this.servers = servers;
  }

  async dial(address, port, signal) {
    const real = address === "::ffff:a9fe:a9fe" ? METADATA : address;
    if (port !== 80 || !this.servers.has(real)) {
      throw new ConnectionRefusedError(`${address}:${port}`);
    }
    const server = { host: "127.0.0.1", port: this.servers.get(real) };
    const socket = connect({ ...server, signal });
    await once(socket, "connect");
    return socket;
  }
}

/** Sends a GET over this connection; Host and TLS go by the name, not the address. */
async function get(socket, url, maxBytes, signal) {
  const outgoing = request({
    host: url.hostname,
    path: url.pathname + url.search,
    headers: { Host: url.host, "Accept-Encoding": "identity" },
    createConnection: () =>
      url.protocol === "https:"
        ? connectTls({ socket, servername: url.hostname })
        : socket,
    signal,
  });
  outgoing.end();
  const [response] = await once(outgoing, "response");
  const chunks = [];
  let size = 0;
  for await (const chunk of response) {
    size += chunk.length;
    if (size > maxBytes) throw new RefusedError(`more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return {
    status: response.statusCode,
    location: response.headers.location ?? "",
    body: Buffer.concat(chunks),
  };
}

// IPv4 that is not global (IANA registry; at the end a host of Azure). Of IPv6 only
// 2000::/3 is let through, not ::1, fc00::/7, fe80::/10, ::ffff:0:0/96 or NAT64.
const RESERVED = `0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16
172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 192.88.99.0/24 192.168.0.0/16
198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4
2001::/23 2001:db8::/32 2002::/16 3fff::/20 168.63.129.16/32`;
const [blocks, globalUnicast] = [new BlockList(), new BlockList()];
globalUnicast.addSubnet("2000::", 3, "ipv6");
for (const block of RESERVED.split(/\s+/)) {
  const [network, prefix] = block.split("/");
  blocks.addSubnet(network, Number(prefix), isIPv6(network) ? "ipv6" : "ipv4");
}

function isPublic(address) {
  if (!isIP(address)) return false; // of what is no address, check says false
  const family = isIPv6(address) ? "ipv6" : "ipv4";
  if (family === "ipv6" && !globalUnicast.check(address, family)) return false;
  return !blocks.check(address, family);
}

const PORTS = { "http:": 80, "https:": 443 };
const [MAX_REDIRECTS, MAX_BYTES, MAX_SECONDS] = [3, 65_536, 1];

// --8<-- [start:show]
class SafeFetcher {
  constructor(resolver, network) {
    this.resolver = resolver;
    this.network = network;
  }

  /** Parses once and resolves once; what follows uses only what is returned. */
  async vet(text) {
    const url = new URL(text);
    const port = PORTS[url.protocol];
    if (!port) throw new RefusedError(`scheme ${url.protocol.slice(0, -1)}`);
    if (url.username || url.password) {
      throw new RefusedError("credentials in the URL");
    }
    if (url.port) throw new RefusedError(`port ${url.port}`); // "" is the default
    const addresses = await this.resolver.lookup(url.hostname);
    for (const address of addresses) {
      // All of them: the client may fall back to any.
      if (!isPublic(address))
        throw new RefusedError(`${address} is not public`);
    }
    return { url, port, address: addresses[0] };
  }

  async fetch(text) {
    const signal = AbortSignal.timeout(MAX_SECONDS * 1000); // for all hops together
    try {
      for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
        const { url, port, address } = await this.vet(text); // each, not only the first
        const socket = await this.network.dial(address, port, signal); // this very one
        const answer = await get(socket, url, MAX_BYTES, signal);
        if (!REDIRECTS.has(answer.status)) return answer.body;
        text = new URL(answer.location, url).href;
      }
    } catch (error) {
      if (!signal.aborted) throw error;
      throw new RefusedError(`more than ${MAX_SECONDS} s`);
    }
    throw new RefusedError(`more than ${MAX_REDIRECTS} redirects`);
  }
}
// --8<-- [end:show]

/** Three fetchers that differ in what they check before they set off. */
class Careless {
  constructor(resolver, network) {
    this.resolver = resolver;
    this.network = network;
  }

  async unchecked(text) {
    const signal = AbortSignal.timeout(5000);
    for (let hop = 0; hop < 5; hop++) {
      const url = new URL(text);
      const answer = await get(await this.connect(url), url, Infinity, signal);
      if (!REDIRECTS.has(answer.status)) return answer.body;
      text = new URL(answer.location, url).href;
    }
    throw new RefusedError("too many redirects");
  }

  /** Takes the first address that answers, as HTTP clients do. */
  async connect(url) {
    for (const address of await this.resolver.lookup(url.hostname)) {
      try {
        return await this.network.dial(address, Number(url.port || 80));
      } catch (error) {
        if (!(error instanceof ConnectionRefusedError)) throw error;
      }
    }
    throw new ConnectionRefusedError(url.hostname);
  }

  async words(text) {
    const words = ["localhost", "127.0.0.1", METADATA, "192.168.", "metadata"];
    for (const word of words)
      if (text.includes(word)) throw new RefusedError(word);
    return this.unchecked(text);
  }

  async first(text) {
    const [address] = await this.resolver.lookup(new URL(text).hostname);
    if (!isPublic(address)) throw new RefusedError(`${address} is not public`);
    return this.unchecked(text); // which resolves again
  }
}

function photos(incoming, response) {
  const redirect = (location) => response.writeHead(302, { location }).end();
  if (incoming.headers.host !== "photos.test") return response.end("page");
  switch (incoming.url) {
    case "/cat":
      return response.end("photo");
    case "/moved":
      return redirect("/cat");
    case "/inward":
      return redirect(`http://${METADATA}/role`);
    case "/loop":
      return redirect("/loop");
    case "/big":
      return response.end("x".repeat(1_000_000));
    case "/slow":
      return response.writeHead(200, { "Content-Length": 5 }).write("ph");
    default:
      return response.end("page");
  }
}

function metadata(incoming, response) {
  // As IMDSv1 did; IMDSv2 wants a token, which takes a PUT with a header of its own.
  if (incoming.url === "/role") return response.end("SECRET");
  return response.writeHead(401).end("401");
}

const ATTACKS = `http://photos.test/cat
http://photos.test/moved
http://169.254.169.254/role
http://2852039166/role
http://0251.0376.0251.0376/role
http://[::ffff:a9fe:a9fe]/role
http://images.test/role
http://photos.test/inward
http://rebind.test/role
http://both.test/role
http://2852039166/v2/role`;

const REASONS = `file:///etc/passwd
http://photos.test:6379/
http://user:pw@photos.test/cat
http://2852039166/role
http://photos.test/inward
http://both.test/role
http://photos.test/loop
http://photos.test/big
http://photos.test/slow`;

async function attempt(fetch) {
  try {
    return String(await fetch());
  } catch (error) {
    if (error instanceof RefusedError) return "refused";
    throw error;
  }
}

async function demonstrate(network) {
  console.log(`${"URL".padEnd(34)}no check  words     first     safe`);
  for (const url of ATTACKS.split("\n")) {
    const careless = () => new Careless(new Resolver(), network);
    const cells = [
      await attempt(() => careless().unchecked(url)),
      await attempt(() => careless().words(url)),
      await attempt(() => careless().first(url)),
      await attempt(() => new SafeFetcher(new Resolver(), network).fetch(url)),
    ];
    const row = cells.map((cell) => cell.padEnd(10)).join("");
    console.log((url.padEnd(34) + row).trimEnd());
  }
  console.log("\nsafe refuses because of");
  for (const url of REASONS.split("\n")) {
    try {
      await new SafeFetcher(new Resolver(), network).fetch(url);
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      console.log(url.padEnd(34) + error.message);
    }
  }
}

const ports = new Map();
const servers = [];
for (const [address, handler] of [
  [PUBLIC, photos],
  [METADATA, metadata],
]) {
  const server = createServer(handler).listen(0, "127.0.0.1");
  await once(server, "listening");
  servers.push(server);
  ports.set(address, server.address().port);
}
try {
  await demonstrate(new Network(ports));
} finally {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
}
