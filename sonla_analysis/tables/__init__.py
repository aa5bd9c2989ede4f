"""What was sent, read and typed; what was found wrong in it."""
