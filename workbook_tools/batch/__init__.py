"""Many workbooks: one job for each, in this process, on worker processes, or on any executor; results in order."""

from workbook_tools.batch.running import Outcome, run

__all__ = ["Outcome", "run"]
