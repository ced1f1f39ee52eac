"""Benches: Portico beside its references, measured in the same run. `docs/benches.md` says how to read them.

A bench is a module of this package with `def bench(plan: Plan) -> Report`.
"""
