"""Runs as a table to learn from: one row a run or fold, a typed column a hyper-parameter, a measure."""
