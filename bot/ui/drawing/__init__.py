"""What is drawn of pictures that were made elsewhere: those are decoded in a child process with limits."""
