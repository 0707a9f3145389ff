"""Numbers in, a picture out: one module a lesson, and the `Picture` that they all return."""
