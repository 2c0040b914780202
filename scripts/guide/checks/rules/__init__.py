"""The source rules, one module each, in the order in which they run."""

from guide.checks.rule import Rule
from guide.checks.rules import (
    anatomy,
    code_syntax,
    diagram_text,
    fence_closed,
    fence_header,
    fence_language,
    glossary,
    heading_ids,
    input_files,
    ledger,
    link_anchor,
    link_target,
    map_agreement,
    nav_complete,
    question_parts,
    quiz_options,
    snippet_path,
    tags,
)

RULES: tuple[Rule, ...] = (
    input_files.RULE,
    fence_header.RULE,
    fence_closed.RULE,
    fence_language.RULE,
    snippet_path.RULE,
    code_syntax.RULE,
    diagram_text.RULE,
    link_target.RULE,
    link_anchor.RULE,
    heading_ids.RULE,
    anatomy.RULE,
    question_parts.RULE,
    quiz_options.RULE,
    map_agreement.RULE,
    tags.RULE,
    nav_complete.RULE,
    glossary.RULE,
    ledger.RULE,
)
