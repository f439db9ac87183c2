"""The self-evaluation report in Word: made from an assessed form, brought up to date without losing what was written.

`values` says what a form gives as sentences and cells, `outlines` are those of reports as templates, `report` makes and
updates the document.
"""
