"""Passes over blocks: HTML and other flavors of Markdown become the guide's."""
