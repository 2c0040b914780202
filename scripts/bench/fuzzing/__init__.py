"""Hostile input for `guide check`: how to make it, how to watch what it does, how to shrink it."""

from fuzzing.cases import Case, Corpus, make_case
from fuzzing.harness import Failure, Harness
from fuzzing.shrinking import shrink

__all__ = ["Case", "Corpus", "Failure", "Harness", "make_case", "shrink"]
