"""Allowances that all processes draw on: points that come back by themselves."""

from sqlalchemy import Column, Float, Table, Text

from datasources.postgres.tables.columns import MOMENT, metadata, required

buckets = Table(
    "buckets",
    metadata,
    Column("key", Text, primary_key=True),
    required("points", Float(53)),
    required("granted", Float(53)),
    required("at", MOMENT),
    prefixes=["UNLOGGED"],
)
"""Lost when PostgreSQL crashes, and then full again: nothing depends on it but fairness."""
