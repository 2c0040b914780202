"""Read a document: its bytes, its front matter, its Markdown, and what is broken in it."""
