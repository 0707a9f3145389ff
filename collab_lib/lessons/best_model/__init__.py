"""What the lesson "best model" owns: figures, panels and checks."""
