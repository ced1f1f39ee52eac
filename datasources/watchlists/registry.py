"""Every official list Portico reads, in the order of their authority."""

from datasources.watchlists import ofac
from datasources.watchlists.sources import Source

SOURCES: tuple[Source, ...] = (ofac.SDN,)
