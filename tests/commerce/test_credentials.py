"""How secrets are spelt."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commerce.credentials import digest, hint, is_well_formed, secret_of

RANDOM = st.binary(min_size=32, max_size=32)
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


@given(RANDOM)
def test_a_secret_is_a_prefix_256_bits_and_a_checksum(random: bytes) -> None:
    secret = secret_of(random)

    assert is_well_formed(secret)
    assert secret.startswith("pcs_")
    assert len(secret) == 4 + 43 + 6
    assert set(secret[4:]) <= set(ALPHABET)


@given(RANDOM, RANDOM)
def test_two_of_them_are_never_alike(one: bytes, other: bytes) -> None:
    assert (secret_of(one) == secret_of(other)) is (one == other)


@given(RANDOM, st.integers(4, 52), st.sampled_from(ALPHABET))
def test_a_slip_of_the_pen_is_found_without_looking_anything_up(
    random: bytes, place: int, letter: str
) -> None:
    secret = secret_of(random)
    slipped = secret[:place] + letter + secret[place + 1 :]

    assert is_well_formed(slipped) is (slipped == secret)


@pytest.mark.parametrize("text", ["", "pcs_", "pcs_" + "0" * 48, "pcs_" + "é" * 49, "xyz_" + "0" * 49])
def test_other_texts_are_no_secrets(text: str) -> None:
    assert not is_well_formed(text)


def test_what_is_kept_of_a_secret_is_its_sha_256_and_what_is_shown_is_hardly_anything() -> None:
    secret = secret_of(bytes(range(32)))

    assert digest(secret) == sha256(secret.encode()).digest()
    assert hint(secret) == f"{secret[:8]}…"


def test_a_secret_takes_32_random_bytes() -> None:
    with pytest.raises(ValueError, match="32"):
        secret_of(bytes(16))
