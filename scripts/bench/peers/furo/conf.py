"""Sphinx with Furo and Markdown, otherwise as they come."""

project = "Backend topics"
extensions = ["myst_parser"]
html_theme = "furo"
