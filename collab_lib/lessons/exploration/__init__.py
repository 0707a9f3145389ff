"""What the lesson "exploration" owns: figures, panels, checks and its own small world."""
