"""Classes of defects to inject into a copy of the guide, and edits that must stay unreported."""

from defects import code, data, fences, links, pages, references, text, urls, valid
from defects.registry import DEFECTS, HARMLESS, Defect
from defects.tree import Injection, NoPlaceError, Tree

MODULES = (links, references, urls, fences, code, pages, text, data, valid)
"""Importing them fills the registry."""

__all__ = ["DEFECTS", "HARMLESS", "MODULES", "Defect", "Injection", "NoPlaceError", "Tree"]
