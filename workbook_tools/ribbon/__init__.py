"""The tab of Excel: its add-in, what its buttons do, what the macros are told."""
