"""What people do with a picture: vote for it, and make others of it. Its own cards' buttons, forms and menus."""
