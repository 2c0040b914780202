"""Log two checkouts at once: context, redaction, causes, one line per record."""

import asyncio
import io
import json
import logging
import re
import traceback
from collections.abc import Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

SECRET_KEYS = {"password", "authorization", "cookie", "setcookie", "token", "apikey"}
BEARER = re.compile(r"\bBearer [\w.~+/=-]+", re.ASCII)
EMAIL = re.compile(r"[\w.+-]+@[\w.-]+\.\w+", re.ASCII)
CARD = re.compile(r"\b[0-9](?:[ -]?[0-9]){12,18}\b", re.ASCII)
LONGEST = 2000  # characters of one value; patterns run on every line
DEEPEST = 5  # nesting of causes and of values
FIRST = {"trace_id": "4bf92f3577b34da6a3ce929d0e0e4736", "span_id": "b7ad6b7169203331"}
SECOND = {"trace_id": "0af7651916cd43dd8448eb211c80319c", "span_id": "53995c3f42cd8ad8"}
SECRETS = ("hunter2", "sample-token", "ada@example.com", "4242 4242")
FORGED = 'bob\n{"level":"INFO","msg":"admin login ok"}'


def now() -> str:
    """Stand in for the clock."""
    return datetime(2026, 11, 21, 9, tzinfo=UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def card(match: re.Match[str]) -> str:
    """Mask what passes the Luhn check; other long numbers stay."""
    digits = [int(digit) for digit in match[0] if digit.isdigit()]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
    return match[0] if (sum(digits[-1::-2]) + sum(doubled)) % 10 else "[card]"


def frames(error: BaseException) -> list[str]:
    """Name the two innermost functions; production keeps file and line too."""
    stack = traceback.extract_tb(error.__traceback__)
    return [frame.name for frame in reversed(stack)][:2]


# --8<-- [start:show]
NOBODY: Mapping[str, str] = MappingProxyType({})
request: ContextVar[Mapping[str, str]] = ContextVar("request", default=NOBODY)


def scrub(text: str) -> str:
    text = BEARER.sub("Bearer [redacted]", text[:LONGEST])
    return CARD.sub(card, EMAIL.sub("[email]", text))


def clean(key: str, value: Any, depth: int = DEEPEST) -> Any:
    if key.lower().replace("-", "").replace("_", "") in SECRET_KEYS:
        return "[redacted]"
    match value:
        case BaseException():
            return describe(value, DEEPEST)
        case Mapping() | list() | tuple() if depth == 0:
            return "[too deep]"
        case Mapping():
            return {str(k): clean(str(k), v, depth - 1) for k, v in value.items()}
        case list() | tuple():
            return [clean(key, item, depth - 1) for item in value]
        case int() | float() | None:
            return value
    return scrub(str(value))


def describe(error: BaseException, depth: int) -> dict[str, Any]:
    known = {"type": type(error).__name__, "message": scrub(str(error))}
    if error.__cause__ and depth > 1:
        return known | {"cause": describe(error.__cause__, depth - 1)}
    return known | {"stack": frames(error)}  # of the root cause


class JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        head = {"time": now(), "level": record.levelname}
        head |= {"msg": scrub(record.getMessage())} | request.get()
        fields = clean("", getattr(record, "fields", {}))
        if record.exc_info and record.exc_info[1]:  # log.exception(...)
            fields["error"] = clean("", record.exc_info[1])
        return json.dumps({**head, **fields, **head})  # escapes line breaks


# --8<-- [end:show]


class CheckoutError(Exception):
    """The order could not be paid."""


class GatewayTimeout(Exception):  # noqa: N818
    """The payment provider did not answer."""


lines = io.StringIO()
handler = logging.StreamHandler(lines)
handler.setFormatter(JsonLines())
log = logging.getLogger("shop")
log.addHandler(handler)
log.setLevel(logging.INFO)
log.propagate = False


async def charge(order: int) -> None:
    await asyncio.sleep(0)
    if order == 7:
        raise GatewayTimeout("no answer to Bearer sample-token")


async def checkout(order: int) -> None:
    try:
        await charge(order)
    except GatewayTimeout as error:
        raise CheckoutError(f"order {order} not paid") from error


async def handle(ids: Mapping[str, str], order: int, both: asyncio.Barrier) -> None:
    request.set(ids)  # a task has its own copy of the context
    log.info("checkout started", extra={"fields": {"order": order}})
    log.debug("cart loaded")
    await both.wait()
    try:
        await checkout(order)
    except CheckoutError:
        log.exception("checkout failed", extra={"fields": {"order": order}})
    else:
        log.info("checkout done", extra={"fields": {"order": order}})


async def experiment() -> None:
    both = asyncio.Barrier(2)
    await asyncio.gather(handle(FIRST, 7, both), handle(SECOND, 8, both))
    request.set(SECOND)
    note = "from ada@example.com, card 4242 4242 4242 4242, parcel 1234567890123456"
    headers = {"Authorization": "Bearer sample-token", "Accept": "text/html"}
    fields = {"user": FORGED, "password": "hunter2", "headers": headers, "note": note}
    log.info("login", extra={"fields": fields})


def main() -> None:
    naive = {"level": "error", "error": CheckoutError("order 7 not paid")}
    print("naive: ", json.dumps(naive, default=vars, separators=(",", ":")))
    asyncio.run(experiment())
    written = lines.getvalue().splitlines()
    records = [json.loads(line) for line in written]

    failed = next(record for record in records if "error" in record)
    error = failed["error"]
    print("\nthe failed checkout")
    for key in ("time", "level", "msg", "trace_id", "span_id", "order"):
        print(f"  {key:<9} {failed[key]}")
    print(f"  {'error':<9} {error['type']}: {error['message']}")
    print(f"  {'cause':<9} {error['cause']['type']}: {error['cause']['message']}")
    print(f"  {'stack':<9} {' < '.join(error['cause']['stack'])}")

    login = records[-1]
    print("\nthe login")
    print(f"  password  {login['password']}")
    print(f"  headers   {' | '.join(login['headers'].values())}")
    print(f"  note      {login['note']}")
    text = f"login user={FORGED}".splitlines()
    print(f"  as text   {len(text)} lines, the second: {text[1]}")
    same = "unchanged" if login["user"] == FORGED else "changed"
    print(f"  as JSON   1 line, the name reads back {same}")

    print("\nlines by request")
    for ids in (FIRST, SECOND):
        mine = [r["msg"] for r in records if r["trace_id"] == ids["trace_id"]]
        print(f"  {ids['trace_id'][:8]} {ids['span_id'][:8]}  {', '.join(mine)}")
    whole = sum("trace_id" in r and "span_id" in r for r in records)
    leaks = sum(secret in line for line in written for secret in SECRETS)
    print(f"\nwith trace_id and span_id: {whole} of {len(records)}")
    print(f"debug lines at level info: {sum(r['level'] == 'DEBUG' for r in records)}")
    print(f"secrets in the output: {leaks}")


if __name__ == "__main__":
    main()
