"""Signatures by the vectors of Standard Webhooks, and by the official package."""

import base64
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError

from commerce.access import Environment
from commerce.webhook_messages import SECRET_BYTES, WebhookMessage, headers, printed_secret, signature

SECRET = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
OTHER = bytes(range(SECRET_BYTES))


def message(**data: object) -> WebhookMessage:
    return WebhookMessage(
        id="evt_019a8f3c5d5e7d0a9b0c1d2e3f405162",
        type="order.fulfilled",
        environment=Environment.SANDBOX,
        occurred_at=datetime(2026, 11, 25, 12, 0, 0, 250000, tzinfo=UTC),
        subject_id="ord_1",
        sequence=12,
        previous_sequence=9,
        data=data,
    )


def test_the_vector_that_all_official_libraries_share_is_signed_alike() -> None:
    signed = signature("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}', SECRET)

    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_secret_is_printed_as_the_standard_writes_it() -> None:
    assert printed_secret(SECRET) == "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def test_a_body_names_type_time_and_data_as_the_standard_does_and_shows_gaps() -> None:
    assert json.loads(message(id="ord_1", name="Ørsted").body()) == {
        "id": "evt_019a8f3c5d5e7d0a9b0c1d2e3f405162",
        "type": "order.fulfilled",
        "timestamp": "2026-11-25T12:00:00.250000Z",
        "environment": "SANDBOX",
        "subjectId": "ord_1",
        "sequence": 12,
        "previousSequence": 9,
        "data": {"id": "ord_1", "name": "Ørsted"},
    }


@pytest.mark.parametrize("secret", [SECRET, OTHER])
def test_while_two_secrets_live_the_official_package_accepts_with_either(secret: bytes) -> None:
    body = message(id="ord_1").body()

    sent = headers("evt_1", datetime.now(UTC), body, [OTHER, SECRET])

    assert Webhook(printed_secret(secret)).verify(body, sent) == json.loads(body)


def test_the_official_package_refuses_another_secret_body_id_and_time() -> None:
    body, now = message().body(), datetime.now(UTC)
    sent = headers("evt_1", now, body, [SECRET])
    old = headers("evt_1", datetime(2026, 1, 1, tzinfo=UTC), body, [SECRET])
    official = Webhook(printed_secret(SECRET))

    for verifier, said, shown in [
        (Webhook(printed_secret(OTHER)), body, sent),
        (official, body.replace(b"12", b"13"), sent),
        (official, body, sent | {"webhook-id": "evt_2"}),
        (official, body, old),
    ]:
        with pytest.raises(WebhookVerificationError):
            verifier.verify(said, shown)


@given(st.dictionaries(st.text(max_size=8), st.text() | st.integers() | st.none(), max_size=5))
def test_whatever_a_snapshot_holds_the_official_package_reads_what_was_signed(
    data: dict[str, object],
) -> None:
    try:
        body = message(data=data).body()
    except UnicodeEncodeError:  # a lone surrogate: PostgreSQL's jsonb holds none
        return

    sent = headers("evt_1", datetime.now(UTC), body, [SECRET])

    assert Webhook(printed_secret(SECRET)).verify(body, sent)["data"] == {"data": data}
