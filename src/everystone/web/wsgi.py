"""The site for a server: gunicorn everystone.web.wsgi."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "everystone.web.settings")
application = get_wsgi_application()
