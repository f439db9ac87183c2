"""Pages for a browser over the same functions as the commands: checking a form, and collecting forms from units.

Nothing is computed here. The packages of the extra `[web]` are imported by `serve` only.
"""
