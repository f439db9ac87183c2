"""Forms as printed: their words, where they stand, and which official form they are."""
