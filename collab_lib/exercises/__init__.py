"""The checks behind the exercises: one module a lesson, and the `Verdict` that they all return."""
