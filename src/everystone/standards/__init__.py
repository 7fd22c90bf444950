"""What good looks like: the grammar of standards, packs of them, their stories, and the words of records."""
