"""What the project's mkdocs.yml says: Markdown extensions, navigation, excluded files.

This is the one place outside `site.py` that knows the configuration file of the site
generator. It is read as plain, safe YAML, without loading themes or plugins.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import markdown
import yaml

from guide.library.problem import Problem
from guide.library.source_file import read_source

CONFIG_FILE = "mkdocs.yml"
_ASSETS = ("extra_css", "extra_javascript")


class ProjectError(Exception):
    """The project cannot be worked on at all; the message says what to do."""


@dataclass(frozen=True, slots=True)
class NavEntry:
    """A page or file that mkdocs.yml names, with its place there."""

    title: str
    path: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class SiteConfig:
    """The parts of mkdocs.yml that the sources are read by; `text` is the whole file.

    `syntax` is all that decides how a page is read: the same in every checkout and for every
    navigation.
    """

    nav: tuple[NavEntry, ...] = ()
    assets: tuple[NavEntry, ...] = ()
    extensions: tuple[str, ...] = ()
    extension_configs: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    excluded: tuple[str, ...] = ()
    text: str = ""
    syntax: str = ""
    problems: tuple[Problem, ...] = ()

    def markdown(self) -> markdown.Markdown:
        """Make a Markdown converter with the site's extensions; diagrams stay plain fences."""
        configs = {name: dict(config) for name, config in self.extension_configs.items()}
        configs.setdefault("pymdownx.superfences", {})["custom_fences"] = [
            {"name": "mermaid", "class": "diagram"}
        ]
        try:
            return markdown.Markdown(extensions=list(self.extensions), extension_configs=configs)
        except Exception as error:  # whatever an extension raises about its own options
            raise ProjectError(
                f"the markdown_extensions of {CONFIG_FILE} cannot be used: "
                f"{type(error).__name__}: {error}"
            ) from error


_SafeLoader: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_SafeLoader):  # type: ignore[misc]
    """Safe YAML that reads past the generator's own tags (`!ENV`, `!relative`)."""


_Loader.add_multi_constructor("!", lambda loader, suffix, node: None)
_Loader.add_multi_constructor("tag:yaml.org,2002:python/", lambda loader, suffix, node: None)


def find_project(start: Path) -> Path:
    """Return the nearest folder at or above `start` that holds mkdocs.yml."""
    start = start.resolve()
    for folder in (start, *start.parents):
        if (folder / CONFIG_FILE).is_file():
            return folder
    raise ProjectError(
        f"no {CONFIG_FILE} in {start} or above it; run `guide` inside the project's checkout"
    )


def read_site_config(root: Path) -> SiteConfig:
    """Read mkdocs.yml of the project at `root`; raise ProjectError if it is not usable."""
    source = read_source(root, CONFIG_FILE)
    if source.text is None:
        raise ProjectError(f"{CONFIG_FILE}: {source.problems[0].message}")
    try:
        loader = _Loader(source.text)
        node = loader.get_single_node()
        data = loader.construct_document(node) if node is not None else {}
    except yaml.YAMLError as error:
        raise ProjectError(f"{CONFIG_FILE} is not valid YAML: {error}") from error
    if not isinstance(data, dict):
        raise ProjectError(f"{CONFIG_FILE} must hold a mapping of settings")
    extensions, configs = _extensions(data.get("markdown_extensions") or [])
    for required in ("pymdownx.superfences", "pymdownx.snippets"):
        if required not in extensions:
            raise ProjectError(f"{CONFIG_FILE} must list `{required}` under markdown_extensions")
    syntax = repr((extensions, configs))
    snippets = configs.setdefault("pymdownx.snippets", {})
    snippets["base_path"] = [str(root / base) for base in snippets.get("base_path", ["docs"])]
    return SiteConfig(
        nav=tuple(_nav(_value(node, "nav"), "")),
        assets=tuple(entry for key in _ASSETS for entry in _files(_value(node, key))),
        extensions=extensions,
        extension_configs=configs,
        excluded=tuple(str(data.get("exclude_docs") or "").split()),
        text=source.text,
        syntax=syntax,
        problems=source.problems,
    )


def _extensions(entries: list[Any]) -> tuple[tuple[str, ...], dict[str, dict[str, Any]]]:
    names: list[str] = []
    configs: dict[str, dict[str, Any]] = {}
    for entry in entries:
        if isinstance(entry, dict):
            for name, config in entry.items():
                names.append(str(name))
                if config is not None and not isinstance(config, dict):
                    raise ProjectError(f"{CONFIG_FILE}: the options of `{name}` must be a mapping")
                configs[str(name)] = dict(config or {})
        else:
            names.append(str(entry))
    return tuple(names), configs


def _value(node: yaml.Node | None, key: str) -> yaml.Node | None:
    if isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            if name.value == key:
                found: yaml.Node = value
                return found
    return None


def _files(node: yaml.Node | None) -> Iterator[NavEntry]:
    """Paths in a list whose entries are a path, or a mapping with the key `path`."""
    for item in node.value if isinstance(node, yaml.SequenceNode) else ():
        path = _value(item, "path") if isinstance(item, yaml.MappingNode) else item
        if isinstance(path, yaml.ScalarNode):
            yield NavEntry("", path.value, path.start_mark.line + 1, path.start_mark.column + 1)


def _nav(node: yaml.Node | None, title: str) -> Iterator[NavEntry]:
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _nav(item, title)
    elif isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            yield from _nav(value, name.value)
    elif isinstance(node, yaml.ScalarNode) and node.value:
        yield NavEntry(title, node.value, node.start_mark.line + 1, node.start_mark.column + 1)
