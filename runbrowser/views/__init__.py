"""How the table of runs is arranged, what is saved of it under a name, and what the last session
left behind. Plain values and two files; it knows no widget.
"""
