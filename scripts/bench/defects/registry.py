"""Every class of edit by name, in the order in which its module defines it."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from defects.tree import Injection, Tree

Inject = Callable[[random.Random, Tree], Injection]

DEFECTS: dict[str, Defect] = {}
HARMLESS: dict[str, Defect] = {}


@dataclass(frozen=True, slots=True)
class Defect:
    """A class of edits; `inject` makes one at a random place and may raise NoPlaceError."""

    name: str
    family: str
    inject: Inject


def defect(family: str, name: str) -> Callable[[Inject], Inject]:
    """Register a function as a class of defects."""
    return _register(DEFECTS, family, name)


def harmless(name: str) -> Callable[[Inject], Inject]:
    """Register a function as a class of edits on which no tool may report anything."""
    return _register(HARMLESS, "harmless", name)


def _register(into: dict[str, Defect], family: str, name: str) -> Callable[[Inject], Inject]:
    def add(inject: Inject) -> Inject:
        if name in into:
            raise ValueError(f"two classes are called {name}")
        into[name] = Defect(name, family, inject)
        return inject

    return add
