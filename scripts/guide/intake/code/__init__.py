"""Passes over code: languages, tabs and diagrams."""
