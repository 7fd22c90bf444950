"""An invented force in paired worlds: for demonstration, tests and measurements. It knows no standard."""

from everystone.synthetic.force import failings_of, synthesise

__all__ = ["failings_of", "synthesise"]
