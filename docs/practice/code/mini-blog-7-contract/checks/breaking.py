"""Which changes between two OpenAPI documents break clients that obey the old one."""

from collections.abc import Iterator
from typing import Any

Schema = dict[str, Any]
LIMITS = ("pattern", "maxLength", "minLength", "maximum", "minimum", "enum", "const")


# --8<-- [start:show]
def breaking(old: Schema, new: Schema) -> Iterator[str]:
    for path, methods in old["paths"].items():
        for method, before in methods.items():
            name = f"{method.upper()} {path}"
            after = new["paths"].get(path, {}).get(method)
            if after is None:
                yield f"{name}: gone"
                continue
            if needs_token(after) and not needs_token(before):
                yield f"{name}: asks for a token"
            yield from parameters(name, before, after)
            requests = (body_of(old, before), body_of(new, after))
            yield from narrower(f"{name} request", *requests)
            for status in before["responses"]:
                if status[0] == "2" and status not in after["responses"]:
                    yield f"{name}: no {status} any more"
                elif status[0] == "2":
                    answers = (
                        content(old, before["responses"][status]),
                        content(new, after["responses"][status]),
                    )
                    yield from poorer(f"{name} {status}", *answers)


def narrower(name: str, old: Schema, new: Schema) -> Iterator[str]:
    """A request that was right must stay right."""
    for field in set(new.get("required", ())) - set(old.get("required", ())):
        yield f"{name}: `{field}` is required now"
    for field, before in old.get("properties", {}).items():
        after = new.get("properties", {}).get(field)
        if after is None:
            yield f"{name}: `{field}` is refused now"
        elif after.get("type") != before.get("type"):
            yield f"{name}: `{field}` is of another type"
        elif limits(after) != limits(before):
            yield f"{name}: `{field}` has other limits"


def poorer(name: str, old: Schema, new: Schema) -> Iterator[str]:
    """What clients read must stay there, and stay what it is."""
    for field, before in old.get("properties", {}).items():
        after = new.get("properties", {}).get(field)
        if after is None:
            yield f"{name}: `{field}` is gone"
        elif {**before, "title": ""} != {**after, "title": ""}:
            yield f"{name}: `{field}` is something else"
        elif field in old.get("required", ()) and field not in new.get("required", ()):
            yield f"{name}: `{field}` may be missing"


# --8<-- [end:show]


def parameters(name: str, before: Schema, after: Schema) -> Iterator[str]:
    old = {each["name"]: each for each in before.get("parameters", ())}
    new = {each["name"]: each for each in after.get("parameters", ())}
    for each in new.values():
        known = old.get(each["name"], {"required": False})
        if each["required"] and not known["required"]:
            yield f"{name}: parameter `{each['name']}` is required now"
    for each in old.keys() - new.keys():
        yield f"{name}: parameter `{each}` is gone"
    for each in old.keys() & new.keys():
        if limits(old[each]["schema"]) != limits(new[each]["schema"]):
            yield f"{name}: parameter `{each}` has other limits"


def needs_token(operation: Schema) -> bool:
    return bool(operation.get("security")) and {} not in operation["security"]


def limits(schema: Schema) -> Schema:
    return {name: schema[name] for name in LIMITS if name in schema}


def body_of(document: Schema, operation: Schema) -> Schema:
    return content(document, operation.get("requestBody", {}))


def content(document: Schema, message: Schema) -> Schema:
    """The JSON schema of a request or an answer, with its reference followed."""
    schema = message.get("content", {}).get("application/json", {}).get("schema", {})
    name = schema.get("$ref", "").rpartition("/")[2]
    return document["components"]["schemas"][name] if name else schema
