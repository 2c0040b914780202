"""What the intake made of a document becomes drafts in the project: pages, navigation, ledger.

drafts       documents become pages, ledger entries and a report
front_matter, draft_checks  what a draft lacks, and what it breaks
nav_text, ledger_text  edits in the text of files, line by line
taking_in    all of it is written, or nothing
"""
