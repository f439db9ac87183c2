"""Empty forms, drawn as text and computed by live formulas."""
