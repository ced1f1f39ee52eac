"""Denied-party lists in their official formats, one file a list, and the screening over them."""

from datasources.watchlists.serving import Edition, Watchlists, edition_of

__all__ = ["Edition", "Watchlists", "edition_of"]
