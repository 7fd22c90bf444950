"""An invented force in paired worlds, for demonstration, tests and benchmarks."""
