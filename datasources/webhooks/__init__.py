"""Sending to partners' webhook endpoints, safely."""
