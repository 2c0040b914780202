"""What the site's search knows: places of the guide and the words that lead there."""

from guide.search.index import SearchIndex, search_index

__all__ = ["SearchIndex", "search_index"]
