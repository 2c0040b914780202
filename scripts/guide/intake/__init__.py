"""Turn a raw study document of any shape into pages in house format.

`pipeline` has the passes in their order: `reading` -> `markup` (over blocks) -> `shape` (over
sections) -> `code` -> `pages`; `relating` proposes homes, `reporting` says what was done and
proves that nothing is lost. Each pass takes a document and returns one, with a note of every
change. What it makes goes through the guide's own checks in `guide.normalizing.draft_checks`.
"""
