"""Many workbooks: one job for each, in this process, on worker processes, or on any executor; results in order."""

from workbook_tools.batch.running import Outcome, run
from workbook_tools.batch.workers import Processes

__all__ = ["Outcome", "Processes", "run"]
