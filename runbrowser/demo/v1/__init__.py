"""OpenML's V1 API as the PHP server speaks it."""
