"""GraphQL operations and schemas, with the reference parser. Fragments: any run of definitions."""

from __future__ import annotations

from graphql import GraphQLSyntaxError, parse

from guide.languages.problem import SyntaxProblem, at_end, at_offset, offset_of, omission_before


def verify(language: str, code: str) -> tuple[SyntaxProblem, ...]:
    """Return the first problem, if any."""
    try:
        parse(code, no_location=True)
    except GraphQLSyntaxError as error:
        return (_explain(code, error),)
    return ()


def _explain(code: str, error: GraphQLSyntaxError) -> SyntaxProblem:
    message = error.message.removeprefix("Syntax Error: ").rstrip(".")
    message = message[0].lower() + message[1:]
    if not error.locations:
        return SyntaxProblem(1, 1, message)
    place = error.locations[0]
    offset = offset_of(code, place.line, place.column)
    if offset >= len(code.rstrip()):
        return at_end(code, message.replace("<EOF>", "the end"))
    dots = omission_before(code, offset)
    if dots is not None:
        hint = "write the omission as a comment: `# ...`"
        return at_offset(code, dots, "unexpected `...`", hint)
    return at_offset(code, offset, message)
