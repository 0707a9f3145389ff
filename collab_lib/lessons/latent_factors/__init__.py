"""What the lesson "latent factors" owns: figures, panels, checks and its own small world."""
