"""The author's preview: an edited page is there at once, the rest of the site follows.

`mkdocs serve` makes the whole site anew for every change. Here a worker process keeps the last
whole build in memory and renders only the page that was edited; another one builds the whole site
in the background, takes over when it is done, and keeps its build in turn. The process that
the author started only watches files and serves them: nothing slow happens in it.

    sources   which files changed
    edits     what a change means for the pages (runs in a worker)
    renderer  renders single pages of a build (runs in a worker; MkDocs)
    worker    the process that builds and renders (MkDocs)
    desk      decides who does what, and says how far it is
    live      what the browser is told, and by which addresses
    start     puts all this into the server of MkDocs
"""
