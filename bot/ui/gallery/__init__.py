"""/gallery: the pictures of a place in pages, and the family of one picture drawn as a tree."""
