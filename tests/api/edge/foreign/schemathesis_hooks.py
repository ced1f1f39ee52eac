"""What schemathesis holds us to: its own check takes a refused argument for a fault of the server."""

import schemathesis


@schemathesis.check
def no_fault_of_the_server(ctx: object, response: object, case: object) -> None:
    """No 5xx, no masked error, and an answer in JSON whatever was asked."""
    assert response.status_code < 500, f"status {response.status_code}: {response.text[:500]}"
    for error in response.json().get("errors", ()):
        code = error["extensions"]["code"]
        assert code not in {"INTERNAL_SERVER_ERROR", "DEADLINE_EXCEEDED"}, f"{code}: {error}"
