"""Cut the outline into pages, give them ids and links, and write them."""
