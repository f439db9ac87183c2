"""`python -m workbook_tools`: the command `workbook_tools`, for the ribbon of Excel, which starts it by its Python."""

import sys

from workbook_tools.commands.main import main

if __name__ == "__main__":
    sys.exit(main())
