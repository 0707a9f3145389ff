"""What the lesson "start here" owns: figures, panels, checks and its own small world."""
