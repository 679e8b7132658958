"""What openml-python's own tests hold, held by ours: each over a real socket, against the demo.

Which test stands for which is in docs/upstream.md; a proxy between client and demo notes what was
asked.
"""
