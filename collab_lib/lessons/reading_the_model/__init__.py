"""What the lesson "reading the model" owns: figures, panels, checks and its own experiment."""
