"""What the site's search knows: places of the guide and the words that lead there."""

from guide.search.index import replace_index, search_index

__all__ = ["replace_index", "search_index"]
