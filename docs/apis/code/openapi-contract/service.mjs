// The orders service in two releases; the second one drifted from its document.

import { createServer } from "node:http";
import { json } from "node:stream/consumers";

export const TOKEN = "Bearer sample-token";
const JSON_TYPE = { "Content-Type": "application/json" };

const order = () => ({
  id: "7",
  sku: "tea",
  quantity: 2,
  totalCents: 1250,
  status: "paid",
  createdAt: "2026-11-20T09:30:00Z",
  note: null,
});

const problem = (status, title, extra = {}) => ({
  status,
  headers: { "Content-Type": "application/problem+json", ...extra },
  content: { title, status },
});

/** A router is a table, so it can be compared with the document. */
export class Service {
  #table = new Map([
    ["GET /orders", () => this.#list()],
    ["POST /orders", (_, body) => this.#place(body)],
    ["GET /orders/{orderId}", (id) => this.#read(id)],
  ]);

  constructor(release) {
    this.release = release;
    if (release === 1) {
      const cancel = () => ({ status: 204, headers: {} });
      this.#table.set("DELETE /orders/{orderId}", cancel);
    } else {
      this.#table.set("GET /internal/orders", () => this.#list());
    }
  }

  get routes() {
    return [...this.#table.keys()];
  }

  answer(method, path, token, body) {
    if (token !== TOKEN) {
      const challenge = { "WWW-Authenticate": 'Bearer realm="orders"' };
      return problem(401, "Unauthorized", challenge);
    }
    for (const [route, handler] of this.#table) {
      const [verb, template] = route.split(" ");
      if (method === verb && matches(template, path)) {
        return handler(path.split("/").at(-1), body);
      }
    }
    return problem(405, "Method Not Allowed", { Allow: "GET" });
  }

  #list() {
    const item = order();
    if (this.release === 2) delete item.createdAt;
    // A parameter, which many frameworks add: the media type is the same.
    const headers = { "Content-Type": "application/json; charset=utf-8" };
    return { status: 200, headers, content: { items: [item] } };
  }

  #read(id) {
    const found = order();
    if (id !== found.id) {
      if (this.release === 1) return problem(404, "Not Found");
      return {
        status: 404,
        headers: JSON_TYPE,
        content: { error: "no order" },
      };
    }
    if (this.release === 2) {
      found.totalCents = "12.50";
      found.status = "on_hold";
      found.internalNote = "vip";
    }
    return { status: 200, headers: JSON_TYPE, content: found };
  }

  #place(body) {
    const known = new Set(["sku", "quantity"]);
    const extra = Object.keys(body).some((name) => !known.has(name));
    const numeric = Number.isInteger(body.quantity);
    if (!numeric || (extra && this.release === 1)) {
      return problem(422, "Unprocessable Content");
    }
    const headers = { ...JSON_TYPE, Location: "/orders/7" };
    const status = this.release === 2 && !extra ? 202 : 201;
    return { status, headers, content: order() };
  }
}

export function matches(template, path) {
  const ours = template.split("/");
  const theirs = path.split("/");
  return (
    ours.length === theirs.length &&
    ours.every((part, i) => part === theirs[i] || part.startsWith("{"))
  );
}

/** Serves on a free port; the caller closes it. */
export async function listen(service) {
  const server = createServer({ requestTimeout: 5000 }, async (req, res) => {
    const body = req.headers["content-length"] ? await json(req) : undefined;
    const token = req.headers.authorization;
    const { status, headers, content } = service.answer(
      req.method,
      req.url,
      token,
      body,
    );
    res.writeHead(status, headers);
    res.end(content && JSON.stringify(content));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}
