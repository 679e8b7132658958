"""Safe bulk action on runs: tag, untag, delete with a trash, restore, publish. No user interface.

:mod:`plan` says what is to be done and what is left out, :mod:`carry_out` does it and tells each
run's :mod:`outcome`, :mod:`journal` keeps on disk how far it is, :mod:`trash` keeps what was
deleted, :mod:`restore` publishes it again, :mod:`publish` checks and uploads a new run.
"""
