"""The answers: who may ask, what is fetched, in what order. Functions are named as the fields they answer."""
