"""The reviewer's half: a workbook to review forms in, the list of issues, the notices, and forms that come back."""
