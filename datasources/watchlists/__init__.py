"""Denied-party lists in their official formats, one file a list, and the screening over them."""

from datasources.watchlists.editions import Edition, of_directory, of_samples
from datasources.watchlists.refresh import Refreshed, Result
from datasources.watchlists.serving import Watchlists

__all__ = ["Edition", "Refreshed", "Result", "Watchlists", "of_directory", "of_samples"]
