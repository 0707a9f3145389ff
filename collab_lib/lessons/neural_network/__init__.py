"""What the lesson "neural network" owns: figures, panels, checks and its own small world."""
