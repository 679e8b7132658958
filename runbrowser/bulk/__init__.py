"""Safe bulk action on runs: tag, untag, delete with a trash, restore, publish. No user interface.

:mod:`plan` says what is to be done and what is left out, :mod:`engine` does it and tells each
run's :mod:`outcome`, :mod:`journal` keeps on disk how far it is, :mod:`trash` holds the
:mod:`copies` of what was deleted, :mod:`restoration` publishes it again, :mod:`publication` checks
and uploads a new run, :mod:`followup` undoes and tries again.
"""
