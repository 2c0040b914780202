"""What the site's search knows: places of the guide and the words that lead there."""

from guide.search.index import SEARCH_INDEX, search_index, theme_index

__all__ = ["SEARCH_INDEX", "search_index", "theme_index"]
