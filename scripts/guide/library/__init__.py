"""Read docs/ into a typed, frozen model. Knows Markdown and the file system, nothing else."""

from guide.library.model import Library
from guide.library.page import Page
from guide.library.problem import Problem, did_you_mean
from guide.library.reading import add_generated, read_library
from guide.library.site_config import ProjectError, find_project

__all__ = [
    "Library",
    "Page",
    "Problem",
    "ProjectError",
    "add_generated",
    "did_you_mean",
    "find_project",
    "read_library",
]
