"""Single values as YAML text, for files that people edit and that we add lines to."""

from __future__ import annotations

import json
import re

import yaml

from guide.library.yaml_document import SafeLoader

_BARE = re.compile(r"[^\W_][\w ./#-]*")
_STRING = "tag:yaml.org,2002:str"
_UNPRINTABLE = re.compile(r"[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


def quoted(text: str) -> str:
    """`text` in double quotes, as JSON, which YAML reads the same."""
    as_json = json.dumps(text, ensure_ascii=False)
    return _UNPRINTABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", as_json)


def scalar(text: str) -> str:
    """`text` as it is where YAML reads it back the same, in lists and mappings; else quoted."""
    if _BARE.fullmatch(text):
        node = yaml.compose(text, Loader=SafeLoader)
        if isinstance(node, yaml.ScalarNode) and (node.tag, node.value) == (_STRING, text):
            return text
    return quoted(text)
