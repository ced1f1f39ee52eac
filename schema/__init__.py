"""The contract: what partners, dashboards and reps may ask. Types describe; they never compute."""

from schema import enums as enums
