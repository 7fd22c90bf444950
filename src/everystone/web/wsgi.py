"""The site for a server: gunicorn everystone.web.wsgi."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

from everystone.web.store import asking

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "everystone.web.settings")
application = get_wsgi_application()
asking()  # read before the first page is asked for, and where the server loads it before it forks, once for all workers
