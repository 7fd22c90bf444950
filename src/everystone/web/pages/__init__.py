"""The pages of the site, one file for each question that somebody comes with."""
