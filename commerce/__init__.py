"""The rules of the business: pure functions over frozen records, standard library only."""
