"""What the renderer adds to plain Markdown, as Python-Markdown extensions."""
