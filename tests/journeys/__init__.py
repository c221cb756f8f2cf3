"""One test per journey through the browser."""
