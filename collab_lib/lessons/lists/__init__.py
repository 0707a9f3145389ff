"""What the lesson "lists" owns: figures, panels, checks, and the reader as one more user."""
