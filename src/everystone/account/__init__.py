"""What is told to others, built for an audience; small numbers are protected."""
