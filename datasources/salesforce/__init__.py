"""Salesforce: live reads by account, and upserts by external id. `client` is where sync meets async."""
