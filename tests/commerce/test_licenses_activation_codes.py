"""An activation code survives being read aloud, and no typing mistake reaches the database."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commerce.activation_codes import code_of, digest, masked, normalised

SYMBOLS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
RANDOM = st.binary(min_size=15, max_size=15)


@given(RANDOM)
def test_a_code_reads_back_however_it_is_typed(random_bytes):
    code = code_of(random_bytes)

    typed = code.lower().replace("-", " ").replace("0", "o").replace("1", "l")

    assert normalised(code) == code
    assert normalised(typed) == code
    assert normalised(code.removeprefix("PORT-")) == code


@given(RANDOM)
def test_every_single_wrong_symbol_is_noticed(random_bytes):
    code = code_of(random_bytes)
    places = [place for place, symbol in enumerate(code) if place > 4 and symbol != "-"]

    wrong = [
        code[:place] + other + code[place + 1 :]
        for place in places
        for other in SYMBOLS
        if other != code[place]
    ]

    assert len(wrong) == 25 * 31
    assert not [text for text in wrong if normalised(text)]


@given(RANDOM)
def test_every_swap_of_two_data_symbols_is_noticed(random_bytes):
    symbols = code_of(random_bytes).removeprefix("PORT-").replace("-", "")

    swapped = []
    for first, second in combinations(range(23), 2):
        letters = list(symbols)
        letters[first], letters[second] = letters[second], letters[first]
        if letters != list(symbols):
            swapped.append("".join(letters))

    assert not [text for text in swapped if normalised(text)]


@pytest.mark.parametrize("text", ["", "PORT", "PORT-U0000-00000-00000-00000-00000", "é" * 25, "0" * 26])
def test_what_is_no_code_is_none(text):
    assert normalised(text) is None


def test_a_masked_code_shows_its_last_five_and_a_stored_one_nothing():
    code = code_of(bytes(range(200, 215)))

    assert code == "PORT-S34WN-JYCSQ-7CZM6-HTB9X-9NEJP"
    assert masked(code) == "PORT-•••••-…-9NEJP"
    assert len(digest(code)) == 32
    assert code_of(bytes(range(201, 216))) != code
