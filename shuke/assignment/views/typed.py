"""What was typed into a form, read carefully."""


def number_of(text: str) -> int:
    """An id typed into a form; 0 for anything else."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
