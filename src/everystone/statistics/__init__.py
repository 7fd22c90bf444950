"""Pure functions of numbers: a value, its interval, the method and the size, in plain words. Knows no case."""
