"""A status moves by the table of transitions or not at all: the database is the second net."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

MOVES = """
RECEIVED SCREENING, RECEIVED CANCELED,
SCREENING ON_HOLD, SCREENING DENIED, SCREENING SCHEDULED, SCREENING PROVISIONING,
ON_HOLD AWAITING_PARTNER, ON_HOLD DENIED, ON_HOLD SCHEDULED, ON_HOLD PROVISIONING, ON_HOLD CANCELED,
AWAITING_PARTNER ON_HOLD, AWAITING_PARTNER SCREENING, AWAITING_PARTNER DENIED, AWAITING_PARTNER CANCELED,
DENIED SCHEDULED, DENIED PROVISIONING,
SCHEDULED PROVISIONING, SCHEDULED ON_HOLD, SCHEDULED CANCELED,
PROVISIONING FULFILLED, PROVISIONING PARTIALLY_FULFILLED, PROVISIONING FAILED, PROVISIONING CANCELED,
FAILED PROVISIONING, FAILED CANCELED,
PARTIALLY_FULFILLED PROVISIONING, PARTIALLY_FULFILLED FULFILLED
"""
"""As `commerce.orders.TRANSITIONS` has them; a test holds the two together."""

TRIGGER = """
CREATE FUNCTION order_status_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM order_status_transitions AS move
        WHERE move.from_status = OLD.status AND move.to_status = NEW.status
    ) THEN
        RAISE EXCEPTION 'an order cannot go from % to %', OLD.status, NEW.status
            USING ERRCODE = 'check_violation', CONSTRAINT = 'orders_status_moves';
    END IF;
    RETURN NEW;
END $$
"""


def upgrade() -> None:
    op.execute(
        "CREATE TABLE order_status_transitions (from_status text, to_status text,"
        " CONSTRAINT order_status_transitions_pkey PRIMARY KEY (from_status, to_status))"
    )
    moves = (move.split() for move in MOVES.split(","))
    values = ", ".join(f"('{before}', '{after}')" for before, after in moves)
    op.execute(f"INSERT INTO order_status_transitions VALUES {values}")  # noqa: S608  words of this file
    op.execute(TRIGGER)
    op.execute(
        "CREATE TRIGGER orders_status_moves BEFORE UPDATE OF status ON orders FOR EACH ROW"
        " WHEN (OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION order_status_moves()"
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER orders_status_moves ON orders")
    op.execute("DROP FUNCTION order_status_moves")
    op.execute("DROP TABLE order_status_transitions")
