"""A local copy of a server's runs in DuckDB: all of them at hand, in any order, without a request.

Needs the extra ``mirror``. ``folder`` knows where versions lie and which one is current, ``build``
writes the next version, ``sync`` decides what to ask the server for, ``reading`` opens a version
for those who read.
"""
