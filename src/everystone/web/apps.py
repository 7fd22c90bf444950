"""What Django is told of this room."""

from __future__ import annotations

from django.apps import AppConfig
from django.db.backends.signals import connection_created


class Web(AppConfig):
    """The site; every new connection goes through the gate of the ledger."""

    name = "everystone.web"
    label = "web"

    def ready(self) -> None:
        """Put the gate in place."""
        from everystone.web.store import gated

        connection_created.connect(gated, dispatch_uid="everystone-gate")
