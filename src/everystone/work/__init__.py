"""What people do next: the findings of each frame kept at hand, who is told of which child, what clears it."""
