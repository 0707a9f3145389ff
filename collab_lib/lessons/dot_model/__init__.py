"""What the lesson "dot model" owns: figures, panels, checks and its own small world."""
