"""Compare a running service with its OpenAPI document, call by call."""

import functools
import json
import operator
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPResponse
from http.server import HTTPServer
from pathlib import Path
from typing import Any

from service import TOKEN, Service, handler_for, matches

# The form of RFC 3339, not the calendar.
DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
NONE = "no content"
METHODS = ("get", "put", "post", "delete", "patch")


@dataclass(frozen=True, slots=True)
class Call:
    method: str
    path: str
    body: Any = None
    token: str = TOKEN


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: Any

    @property
    def kind(self) -> str:
        """The media type, without parameters such as a charset."""
        return self.headers.get("content-type", NONE).partition(";")[0].strip().lower()


@dataclass(slots=True)
class Contract:
    document: dict[str, Any]
    seen: set[str] = field(default_factory=set)

    def operation(self, call: Call) -> tuple[str, Any]:
        for path, item in self.document["paths"].items():
            if matches(path, call.path) and call.method.lower() in item:
                return f"{call.method} {path}", item[call.method.lower()]
        raise LookupError(f"{call.method} {call.path} is not documented")

    def resolve(self, node: Any) -> Any:
        """Follow "$ref": "#/components/schemas/Order"."""
        while "$ref" in node:
            names = node["$ref"].removeprefix("#/").split("/")
            node = functools.reduce(operator.getitem, names, self.document)
        return node

    def response(self, operation: Any, status: int) -> Any:
        """By exact status; real documents may also say "4XX" or "default"."""
        return self.resolve(operation["responses"].get(str(status), {})) or None

    def schema(self, response: Any, kind: str) -> Any:
        media = response.get("content", {NONE: {}}).get(kind)
        return None if media is None else media.get("schema", {})

    def routes(self) -> dict[str, Any]:
        return {
            f"{method.upper()} {path}": operation
            for path, item in self.document["paths"].items()
            for method, operation in item.items()
            if method in METHODS
        }

    def answers(self) -> list[str]:
        return [
            f"{route} {status}"
            for route, operation in self.routes().items()
            for status in operation["responses"]
        ]

    def media(self, node: Any) -> Iterator[Any]:
        """Everything in the document that has both a schema and an example."""
        if isinstance(node, dict):
            if "example" in node and "schema" in node:
                yield node
            node = list(node.values())
        if isinstance(node, list):
            for item in node:
                yield from self.media(item)


# --8<-- [start:show]
def differences(contract: Contract, call: Call, answer: Answer) -> Iterator[str]:
    """Compare one live answer with what the document promises."""
    route, operation = contract.operation(call)
    response = contract.response(operation, answer.status)
    if response is None:
        yield "status is not documented"
        return
    contract.seen.add(f"{route} {answer.status}")
    yield from wrongly_accepted(contract, operation, call, answer)
    yield from missing_headers(response, answer)
    schema = contract.schema(response, answer.kind)
    if schema is None:
        yield f"{answer.kind} is not documented"
        return
    yield from faults(contract, answer.body, schema)


def faults(contract: Contract, value: Any, schema: Any, at: str = "") -> Iterator[str]:
    """Part of JSON Schema 2020-12, and stricter where a schema is silent."""
    schema = contract.resolve(schema)
    kinds = listed(schema.get("type", []))
    if kinds and not fits(value, kinds):
        yield f"{at}: {type_of(value)}, not {' or '.join(kinds)}"
        return
    yield from value_faults(schema, value, at)  # enum and format
    if isinstance(value, list) and "items" in schema:
        for index, item in enumerate(value):
            yield from faults(contract, item, schema["items"], f"{at}/{index}")
    if isinstance(value, dict):
        for name in schema.get("required", []):
            if name not in value:
                yield f"{at}/{name}: missing"
        properties = schema.get("properties", {})
        for name, item in value.items():
            if name in properties:
                yield from faults(contract, item, properties[name], f"{at}/{name}")
            elif schema.get("additionalProperties") is not True:
                yield f"{at}/{name}: not documented"


# --8<-- [end:show]


def wrongly_accepted(
    contract: Contract, operation: Any, call: Call, answer: Answer
) -> Iterator[str]:
    """A service may not take what its document forbids."""
    if call.body is not None and answer.status < 300:
        sent = operation["requestBody"]["content"]["application/json"]
        for fault in faults(contract, call.body, sent["schema"]):
            yield f"accepted a body with {fault}"


def missing_headers(response: Any, answer: Answer) -> Iterator[str]:
    for name, header in response.get("headers", {}).items():
        if header.get("required") and name.lower() not in answer.headers:
            yield f"header {name} is missing"


def value_faults(schema: Any, value: Any, at: str) -> Iterator[str]:
    if "enum" in schema and value not in schema["enum"]:
        yield f"{at}: {value} is not in the enum"
    if schema.get("format") == "date-time" and not is_date_time(value):
        yield f"{at}: not a date-time"


def is_date_time(value: Any) -> bool:
    """A format says something about strings only."""
    return not isinstance(value, str) or DATE_TIME.fullmatch(value) is not None


def fits(value: Any, kinds: list[str]) -> bool:
    """Every integer is a number, too."""
    kind = type_of(value)
    return kind in kinds or (kind == "integer" and "number" in kinds)


def listed(kinds: str | list[str]) -> list[str]:
    """Since 3.1 a type may be a list, such as ["string", "null"]."""
    return [kinds] if isinstance(kinds, str) else kinds


def type_of(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "integer" if value.is_integer() else "number"
        case str():
            return "string"
        case list():
            return "array"
        case _:
            return "object"


CALLS = (
    Call("GET", "/orders", token="none"),
    Call("GET", "/orders"),
    Call("GET", "/orders/7"),
    Call("GET", "/orders/8"),
    Call("POST", "/orders", {"sku": "tea", "quantity": 2}),
    Call("POST", "/orders", {"sku": "tea", "quantity": "2"}),
    Call("POST", "/orders", {"sku": "tea", "quantity": 2, "totalCents": 1}),
    Call("DELETE", "/orders/7"),
)


def send(port: int, call: Call) -> Answer:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        body = None if call.body is None else json.dumps(call.body)
        headers = {"Authorization": call.token, "Content-Type": "application/json"}
        connection.request(call.method, call.path, body, headers)
        return read(connection.getresponse())
    finally:
        connection.close()


def read(response: HTTPResponse) -> Answer:
    raw = response.read()
    headers = {name.lower(): value for name, value in response.getheaders()}
    return Answer(response.status, headers, json.loads(raw) if raw else None)


def report(contract: Contract, service: Service, port: int) -> None:
    print(f"release {service.release}")
    served, documented = service.routes, list(contract.routes())
    for call in CALLS:
        answer = send(port, call)
        found = list(differences(contract, call, answer)) or ["as documented"]
        for number, line in enumerate(found):
            label = f"{call.method} {call.path}"
            start = f"{label:<18}{answer.status}" if number == 0 else ""
            print(f"  {start:<23}{line}")
    for route in served:
        if route not in documented:
            print(f"  served, not documented: {route}")
    for route in documented:
        if route not in served:
            print(f"  documented, not served: {route}")


def main() -> None:
    text = Path("openapi.json").read_text(encoding="utf-8")
    document = json.loads(text)
    first = Contract(document)
    media = list(first.media(document))
    wrong = [m for m in media if list(faults(first, m["example"], m["schema"]))]
    print(f"examples in the document: {len(media)}, wrong: {len(wrong)}\n")
    for release in (1, 2):
        contract, service = Contract(document), Service(release)
        server = HTTPServer(("127.0.0.1", 0), handler_for(service))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            report(contract, service, server.server_port)
        finally:
            server.shutdown()
            server.server_close()
        if release == 1:
            answers = contract.answers()
            unseen = [answer for answer in answers if answer not in contract.seen]
            seen = len(answers) - len(unseen)
            print(f"  answers seen: {seen} of {len(answers)}; never:")
            for answer in unseen:
                print(f"    {answer}")
            print()


if __name__ == "__main__":
    main()
