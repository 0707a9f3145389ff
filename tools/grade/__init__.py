"""Grades what students handed in. `python -m tools.grade --help`, and docs/teaching.md."""
