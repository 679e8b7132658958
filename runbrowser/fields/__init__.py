"""One record per fact about runs that can be filtered by or shown in a column."""
