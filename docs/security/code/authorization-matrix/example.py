"""Generate one request for each cell of an authorization matrix."""

import copy
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPConnection
from http.server import HTTPServer

from service import Service, handler_for

# --8<-- [start:show]
# Which orders each role may use: its own, others of its tenant, foreign ones.
MATRIX = """
endpoint                  customer  support     admin
GET /orders/{id}          own       own,tenant  own,tenant
PATCH /orders/{id}        own       -           own,tenant
DELETE /orders/{id}       -         -           own,tenant
POST /orders/{id}/refund  -         tenant      own,tenant
"""
CALLERS = {"anonymous": "", "customer": "ada", "support": "sam", "admin": "kim"}
OTHERS = {"tenant": "bob", "foreign": "eve"}
READ = "GET /orders/{id}"


@dataclass(frozen=True, slots=True)
class Case:
    endpoint: str
    role: str
    relation: str
    allowed: bool
    expected: tuple[int, ...]


def cases(rules: dict[str, dict[str, str]]) -> Iterator[Case]:
    for endpoint, by_role in rules.items():
        for role in CALLERS:
            for relation in ("own", "tenant", "foreign"):
                allowed = relation in by_role.get(role, "").split(",")
                visible = relation in rules[READ].get(role, "").split(",")
                if role == "anonymous":
                    expected: tuple[int, ...] = (401,)
                elif allowed:
                    expected = (200, 204)
                else:  # what a caller may not see does not exist
                    expected = (403,) if visible else (404,)
                yield Case(endpoint, role, relation, allowed, expected)


def fault(case: Case, service: Service, port: int) -> str:
    service.reset()
    before = copy.deepcopy(service.orders)
    status = send(port, case)
    if status not in case.expected:
        return f"expected {case.expected[0]}, got {status}"
    if not case.allowed and service.orders != before:
        return f"{status}, but the order changed"
    return ""


# --8<-- [end:show]


def read_matrix(text: str) -> dict[str, dict[str, str]]:
    """Columns begin where their headings begin."""
    heading, *lines = text.strip().splitlines()
    names = heading.split()
    starts = [heading.index(name) for name in names]
    ends = [*starts[1:], None]
    cells = [
        [line[a:b].strip() for a, b in zip(starts, ends, strict=True)] for line in lines
    ]
    return {row[0]: dict(zip(names[1:], row[1:], strict=True)) for row in cells}


def send(port: int, case: Case) -> int:
    caller = CALLERS[case.role]
    owner = OTHERS.get(case.relation, caller or "ada")
    method, template = case.endpoint.split(" ")
    path = template.replace("{id}", f"order-of-{owner}")
    headers = {"Authorization": f"Bearer sample-{caller}"} if caller else {}
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request(method, path, headers=headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status
    finally:
        connection.close()


def report(release: int, rules: dict[str, dict[str, str]]) -> None:
    service = Service(release)
    server = HTTPServer(("127.0.0.1", 0), handler_for(service))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        tried = [(c, fault(c, service, server.server_port)) for c in cases(rules)]
    finally:
        server.shutdown()
        server.server_close()
    failed = [(case, text) for case, text in tried if text]
    unruled = [route for route in service.table if route not in rules]
    print(f"\nrelease {release}: {len(tried)} requests, {len(failed)} wrong")
    for case, text in failed:
        print(f"  {case.endpoint:<26}{case.role:<10}{case.relation:<8}{text}")
    for route in unruled:
        print(f"  {route:<26}has no row in the matrix")


def main() -> None:
    rules = read_matrix(MATRIX)
    every = list(cases(rules))
    allowed = sum(case.allowed for case in every)
    size = f"{len(rules)} endpoints x {len(CALLERS)} callers x 3 relations"
    print(f"{size} = {len(every)} cases")
    print(f"allow {allowed}, deny {len(every) - allowed}")
    for release in (1, 2):
        report(release, rules)


if __name__ == "__main__":
    main()
