"""Mutants of workbooks, lists, data, names and mail dialogues, and the search for one that breaks the program."""
