"""A run as one readable page: error first, then overview, scores, folds, parameters, files."""

from runbrowser.pages.detail.page import detail, extent, preview

__all__ = ["detail", "extent", "preview"]
