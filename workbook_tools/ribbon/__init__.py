"""The ribbon tab in Excel: the add-in, the actions of its buttons, the answers to its macros."""
