"""Controls around a picture: one module a lesson, and the `Panel` that they all build on."""
