"""Fill, check, score and send 绩效自评表, the budget-performance self-evaluation workbooks."""

__version__ = "0.1.0"
