"""What the worker does: each job takes due messages from the outbox and answers for them."""
