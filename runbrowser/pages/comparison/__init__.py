"""Several runs side by side, as lines and as files."""
