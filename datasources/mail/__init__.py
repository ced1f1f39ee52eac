"""Outgoing e-mail: how messages are written, and the two ways on which they leave."""
