"""How the tables of people and access came to be."""
