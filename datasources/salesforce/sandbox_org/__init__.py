"""The sandbox org: a server of the Salesforce REST surface that Portico uses.

It is the twin that tests and the embedded default talk to over HTTP; production points the same client at a
real org. Its schema is Salesforce's standard objects (`standard_objects.toml`) and the custom fields that an
administrator deploys to a real org (`docs/salesforce/objects`). Records live in Postgres, in schema
`sandbox_org`; sessions and query cursors live in memory, so a restart expires them as an org may at any time.
"""
