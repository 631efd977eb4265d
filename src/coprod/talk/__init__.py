"""What the talk claims, and what its own numbers say about that."""
