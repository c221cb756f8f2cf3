"""What the desk does: keep the read model of lists, make the day's suggestions, record what became of them."""
