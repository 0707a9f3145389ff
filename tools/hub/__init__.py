"""A class server on one machine. `make hub NAMES=class.txt`, and docs/hosting.md."""
