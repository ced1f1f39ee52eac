"""GraphQL over HTTP: what comes in is checked, what goes out is JSON, and every fault has a code."""
