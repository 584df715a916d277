"""The sandbox as a page: what members see, in the browser, and everything that they can press and type."""
