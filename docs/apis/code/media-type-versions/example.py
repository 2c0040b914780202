"""Serve one order in two versions, by path or by Accept, and compare schemas."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime


@dataclass(frozen=True)
class Order:
    id: int
    cents: int
    currency: str


def version_1(order: Order) -> dict[str, object]:
    return {"id": order.id, "total": order.cents / 100}


def version_2(order: Order) -> dict[str, object]:
    amount = f"{order.cents // 100}.{order.cents % 100:02}"
    return {
        "id": str(order.id),
        "total": {"amount": amount, "currency": order.currency},
    }


@dataclass(frozen=True)
class Response:
    status: int
    body: str
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Field:
    type: str
    required: bool = True
    values: tuple[str, ...] = ()


Schema = dict[str, Field]


ORDERS = {"42": Order(42, 1990, "EUR")}
RENDER: dict[str, Callable[[Order], dict[str, object]]] = {
    "v1": version_1,
    "v2": version_2,
}
DOCS = "https://docs.shop.test"
ROUTE = re.compile(r"(?:/(v1|v2))?/orders/([0-9]+)")
RANGE = re.compile(r"\s*([^\s;]+/[^\s;]+)\s*(?:;\s*q=([01](?:\.[0-9]{0,3})?))?\s*")


def acceptable(accept: str, offers: list[str]) -> str:
    """Choose the offer that the client likes best (RFC 9110, 12.5.1)."""
    best, best_quality = "", 0.0
    for offer in offers:
        specific, quality = -1, 0.0
        ranges = ["*/*", offer.split("/")[0] + "/*", offer]
        for item in accept.split(","):
            found = RANGE.fullmatch(item.lower())  # other parameters: none of ours
            if found and found[1] in ranges and ranges.index(found[1]) > specific:
                specific = ranges.index(found[1])
                quality = float(found[2] or 1)
        if quality > best_quality:
            best, best_quality = offer, quality
    return best


# --8<-- [start:show]
DEPRECATED = datetime(2026, 6, 1, tzinfo=UTC)
SUNSET = datetime(2027, 6, 1, tzinfo=UTC)
GOODBYE = {
    "Deprecation": f"@{DEPRECATED.timestamp():.0f}",  # RFC 9745
    "Sunset": format_datetime(SUNSET, usegmt=True),  # RFC 8594
    "Link": f'<{DOCS}/v2>; rel="deprecation", <{DOCS}/policy>; rel="sunset"',
}


def respond(path: str, accept: str, now: datetime) -> Response:
    """Answer /v1/orders/42 in that version, /orders/42 in the accepted one."""
    route = ROUTE.fullmatch(path)
    order = ORDERS.get(route[2]) if route else None
    if not route or not order:
        return Response(404, "no such order")
    live = ["v2"] if now >= SUNSET else ["v1", "v2"]  # the first is the default
    if route[1] and route[1] not in live:
        return Response(410, f"see {DOCS}/v2")

    versions = [route[1]] if route[1] else live
    types = {"application/json": versions[0]}
    types |= {f"application/vnd.shop.order.{v}+json": v for v in versions}
    headers = {"Vary": "Accept"}  # on every answer, the 406 too
    chosen = acceptable(accept, list(types))
    if not chosen:
        return Response(406, "send one of " + ", ".join(types), headers)
    headers["Content-Type"] = chosen
    if types[chosen] == "v1":
        headers |= GOODBYE
    body = json.dumps(RENDER[types[chosen]](order), separators=(",", ":"))
    return Response(200, body, headers)


# --8<-- [end:show]


def breaking(old: Schema, new: Schema, is_request: bool) -> Iterator[str]:
    """Name what a client written for `old` does not survive."""
    for name in sorted(old | new):
        before, after = old.get(name), new.get(name)
        if not before or not after:
            if before:
                yield f"{name} removed"
            elif after and after.required and is_request:
                yield f"{name} demanded"
            continue
        if before.type != after.type:
            yield f"{name} is {after.type}"
        if before.required != after.required and after.required == is_request:
            yield f"{name} {'demanded' if is_request else 'optional'}"
        known, possible = (after, before) if is_request else (before, after)
        for value in possible.values:
            if value not in known.values:
                yield f"{name}={value} {'refused' if is_request else 'unknown'}"


V1 = "application/vnd.shop.order.v1+json"
V2 = "application/vnd.shop.order.v2+json"
TODAY = datetime(2026, 11, 21, tzinfo=UTC)
CASES = [
    ("/orders/42", "*/*", TODAY),
    ("/orders/42", V2, TODAY),
    ("/orders/42", f"{V1};q=0.5, {V2}", TODAY),
    ("/orders/42", "application/json;version=2", TODAY),
    ("/v1/orders/42", "application/json", TODAY),
    ("/v2/orders/42", "application/json", TODAY),
    ("/v2/orders/42", V1, TODAY),
    ("/v1/orders/42", "*/*", SUNSET),
    ("/orders/42", V1, SUNSET),
    ("/orders/42", "*/*", SUNSET),
]
STATUS = Field("string", values=("open", "paid"))
FIRST = {"id": Field("number"), "total": Field("number"), "status": STATUS}
SECOND = {
    "id": Field("string"),
    "total": Field("object"),
    "status": Field("string", required=False, values=("open", "paid")),
    "channel": Field("string"),
}
COUPON = FIRST | {"coupon": Field("string", required=False)}
HELD = FIRST | {"status": Field("string", values=("open", "paid", "held"))}
CHANGES = [
    ("new optional", FIRST, COUPON),
    ("new value", FIRST, HELD),
    ("value removed", HELD, FIRST),
    ("version 2", FIRST, SECOND),
]


def main() -> None:
    bodies = {}
    for version in ("v1", "v2"):
        answer = respond(f"/{version}/orders/42", "*/*", TODAY)
        bodies[answer.body] = version
        print(version, answer.body)
    for name in ("Deprecation", "Sunset"):
        print(f"   {name}: {GOODBYE[name]}")
    day = None
    for path, accept, now in CASES:
        if now != day:
            day = now
            print(now.date())
        answer = respond(path, accept, now)
        short = accept.replace("application/vnd.shop.order", "vnd")
        sunset = " until sunset" if "Sunset" in answer.headers else ""
        version = bodies.get(answer.body, "")
        line = f"  {path:<15}{short:<32}{answer.status} {version}{sunset}"
        print(line.rstrip())
    print("what breaks")
    for label, old, new in CHANGES:
        for side, is_request in (("responses", False), ("requests", True)):
            found = ", ".join(breaking(old, new, is_request))
            print(f"  {label:<14}{side:<10}{found or '-'}")


if __name__ == "__main__":
    main()
