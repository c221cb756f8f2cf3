"""Pages of the team room."""
