"""The bulk evaluator: whole ranges of frames at once. What it proves is met it counts; all else the reference says."""
