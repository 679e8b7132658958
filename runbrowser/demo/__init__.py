"""The embedded OpenML server and its catalogue of real runs."""

DEMO_USER_ID = 2
"""Whose key the server announces: the account ``demo-user`` of the catalogue."""
