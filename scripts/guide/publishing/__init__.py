"""From a rendered site to a published one: smaller, with a policy, in its place only when whole.

kept_rendering    pages as an earlier build rendered them
published_nav     the navigation without drafts
bundling          few and small scripts and style sheets
content_security  what pages may load and run
printing          pages as PDF files
staging, placing  where a build works, and how its site takes the place of the last one
"""
