"""What the lesson "pivot table" owns: figures, panels, checks and its own small world."""
