"""A run as one readable page: error first, then overview, scores, folds, parameters, files."""

from runbrowser.tui.presenters.detail.offers import offers
from runbrowser.tui.presenters.detail.page import age, detail, preview
from runbrowser.tui.presenters.detail.parts import blocks

__all__ = ["age", "blocks", "detail", "offers", "preview"]
