"""Every official list Portico reads, in the order of their authority."""

from datasources.watchlists import bis, eu, ofac, uk, un, us_csl
from datasources.watchlists.sources import Source

SOURCES: tuple[Source, ...] = (
    ofac.SDN,
    ofac.CONSOLIDATED,
    un.SOURCE,
    eu.SOURCE,
    uk.SOURCE,
    bis.SOURCE,
    us_csl.SOURCE,
)
"""An entry that two files carry is taken from the earlier one: the Consolidated Screening List repeats
Treasury's lists with less detail."""
