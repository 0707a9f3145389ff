"""What the lesson "bias and feedback loops" owns: figures, panels, checks and its own world."""
