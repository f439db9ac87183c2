"""What was found and filled, for people and for other programs."""
