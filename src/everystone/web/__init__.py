"""The live site: the only room that knows Django. People and access, pages, writing."""
