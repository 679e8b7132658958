"""The evaluation engine of the demo server: published runs get their scores."""
