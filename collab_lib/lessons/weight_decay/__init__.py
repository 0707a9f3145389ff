"""What the lesson "weight decay" owns: figures, panels, checks and its own small world."""
