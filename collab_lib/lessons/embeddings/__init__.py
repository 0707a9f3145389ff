"""What the lesson "embeddings" owns: figures, panels, checks and its own small world."""
