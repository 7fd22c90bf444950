"""The manual: every standard told to whoever wants to read it, from the files that run."""
