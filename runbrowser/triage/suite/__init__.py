"""Flows over the tasks of a suite: the score of each cell, who wins, and what ranks say of it."""
