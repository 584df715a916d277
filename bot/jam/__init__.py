"""Jams: a group makes one picture, round by round."""
