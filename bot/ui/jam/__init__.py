"""What people see of a jam: its cards, buttons and forms, and the picture of its rounds."""
