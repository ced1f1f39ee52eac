"""What is wrong with an answer to a question, and which answers a person must weigh."""

from collections.abc import Iterator, Mapping
from typing import Any

from commerce.countries import CODES
from commerce.problems import Path, Problem, ProblemCode
from commerce.request_problems import LONGEST_NAME, owner_problems, text_problems
from commerce.screening_questions import Answer, QuestionField

LONGEST_END_USE = 2_000
FOR_PEOPLE = frozenset({QuestionField.END_USE})
"""Fields that no rule can weigh."""


def answer_problems(field: QuestionField, answer: Answer, path: Path) -> Iterator[Problem]:
    """Everything wrong with an answer to a question for this field."""
    if field is QuestionField.ADDRESS:
        yield from _address_problems(answer, path)
    elif field is QuestionField.DATE_OF_BIRTH:
        if answer.born_on is None:
            yield _missing(path, "bornOn")
    elif field is QuestionField.OWNERS:
        if not answer.owners:
            yield _missing(path, "owners")
        yield from owner_problems(answer.owners, (*path, "owners"))
    elif not answer.text:
        yield _missing(path, "text")
    elif field is QuestionField.COUNTRY:
        yield from _country_problems(answer.text, (*path, "text"))
    else:
        longest = LONGEST_END_USE if field is QuestionField.END_USE else LONGEST_NAME
        yield from text_problems(answer.text, (*path, "text"), longest)


def contradicts(subject: Mapping[str, Any], field: QuestionField, answer: Answer) -> bool:
    """Whether an officer must weigh the answer: it takes back what was said of the party before.

    A party that was held for its town or name is not cleared by naming another.
    """
    address = subject.get("address") or {}
    if field is QuestionField.COUNTRY:
        return _differs(subject.get("country"), answer.text)
    if field is QuestionField.ADDRESS and answer.address:
        given = answer.address
        before = (
            subject.get("country") or address.get("country"),
            address.get("city"),
            address.get("region"),
        )
        return any(map(_differs, before, (given.country, given.city, given.region)))
    return field in FOR_PEOPLE


def _differs(before: str | None, after: str) -> bool:
    return bool(before) and str(before).casefold() != after.casefold()


def _address_problems(answer: Answer, path: Path) -> Iterator[Problem]:
    address = answer.address
    if address is None:
        yield _missing(path, "address")
        return
    yield from _country_problems(address.country, (*path, "address", "country"))
    for name, value in (("street", address.street), ("city", address.city), ("region", address.region)):
        if value:
            yield from text_problems(value, (*path, "address", name), LONGEST_NAME)
    if address.postal_code:
        yield from text_problems(address.postal_code, (*path, "address", "postalCode"), LONGEST_NAME)


def _country_problems(code: str, path: Path) -> Iterator[Problem]:
    if code not in CODES:
        message = "Give the country as an ISO 3166-1 alpha-2 code, such as DE."
        yield Problem(ProblemCode.INVALID_COUNTRY, message, path)


def _missing(path: Path, part: str) -> Problem:
    return Problem(ProblemCode.ANSWER_MISSING, f"This question is answered by `{part}`.", (*path, part))
