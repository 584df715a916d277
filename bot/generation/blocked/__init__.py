"""Blocked words: seen through what people put between and instead of letters, in a time that the text's length bounds.

readings    a text → what a person reads in it: plain letters, and four signs for what separates them
matcher     a list of words → one tree; where it leads from the beginning of a word to the end of one
check       once for each text and list, outside transactions, and off the event loop where either is long
"""
