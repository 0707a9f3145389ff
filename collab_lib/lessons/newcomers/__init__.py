"""What the lesson "newcomers" owns: figures, panels, checks and its own small world."""
