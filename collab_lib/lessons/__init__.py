"""What the lessons own, one folder each."""
