"""A run as one readable page: error first, then overview, scores, folds, parameters, files."""

from runbrowser.pages.detail.page import age, detail, preview
from runbrowser.pages.detail.parts import blocks

__all__ = ["age", "blocks", "detail", "preview"]
