"""Who somebody is: signatures, keys, and the tokens that both make."""
