"""Files that people send, read for a model: text and pictures out of what they hold, whatever they are called.

What is not plain text is read in a child process (`child.py`) that has limits and no doors.
"""
