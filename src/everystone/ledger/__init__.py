"""What was recorded: by whom, when it happened, when it was written down. Nothing here is ever changed."""
