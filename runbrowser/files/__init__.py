"""Text that a program reads: runs as CSV, JSON, JSON lines, Parquet or Markdown."""
