"""The rules: pure functions on facts, standard library only. They raise nothing, read no clock and no database."""
