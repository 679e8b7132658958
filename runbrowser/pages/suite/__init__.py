"""Flows over the tasks of a suite, as a page and as files."""
