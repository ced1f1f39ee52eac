"""Sample data: believable partners, customers and orders of three years, the same on every machine.

Everything is invented; mail addresses end in `.example`, which never delivers. What is written where:
`catalog` and `partners` are the same in every seed; `customers` have `wishes`, which become `orders`, whose
`journeys` end in `holdings`, which the `registry` writes; `loading` sends it all.
"""

from datasources.postgres.samples.loading import Counts, seed

__all__ = ["Counts", "seed"]
