"""Makes question banks for learning platforms. `python -m tools.quiz`, and docs/teaching.md."""
