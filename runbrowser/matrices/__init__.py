"""Runs as a table to learn from: a row a run or fold, a typed column a hyper-parameter."""
