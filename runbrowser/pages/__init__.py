"""Turns models into what a widget shows. No widget is known here, no I/O is done."""
