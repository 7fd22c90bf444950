"""What time it is for this site: one instant a request, read here and nowhere else."""

from __future__ import annotations

import time

from django.conf import settings

from everystone.web.site import Site


def real() -> int:
    """Seconds since 1970 UTC by the clock of this machine: what files are dated by."""
    return int(time.time())


def now() -> int:
    """Seconds since 1970 UTC; in a demonstration the clock of the invented force."""
    site: Site = settings.SITE
    return site.now(real())
