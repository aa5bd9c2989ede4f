"""Vietnamese text, every text a reader sees, and refusals."""
