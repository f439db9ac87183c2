"""Many forms in one workbook."""
