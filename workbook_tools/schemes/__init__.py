"""Schemes: the rules of every official form as data, and how a direction is read from a name."""
