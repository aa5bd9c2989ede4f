"""What offices send → the input tables; what must be asked; letters back."""
