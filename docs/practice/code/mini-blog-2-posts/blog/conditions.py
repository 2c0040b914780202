"""ETag, If-Match, If-None-Match (RFC 9110, sections 8.8.3 and 13.1)."""

from blog.problems import ProblemError


def etag(version: int) -> str:
    return f'"{version}"'


def is_named(header: str, tag: str) -> bool:
    """Whether the header's list names `tag`; a weak tag is another tag here."""
    return header.strip() == "*" or tag in (each.strip() for each in header.split(","))


def is_known(if_none_match: str | None, tag: str) -> bool:
    """Whether the client has this version; GET compares weakly, so `W/` is dropped."""
    return if_none_match is not None and is_named(if_none_match.replace("W/", ""), tag)


def require_match(if_match: str | None, tag: str) -> None:
    """Refuse a change that does not say what it changes, or names an old version."""
    if if_match is None:
        raise ProblemError(428, "condition-missing", "Send If-Match with the ETag")
    if not is_named(if_match, tag):
        raise changed_meanwhile()


def changed_meanwhile() -> ProblemError:
    return ProblemError(412, "changed", "The post has changed since you read it")
