"""What the scripts beside it do in Python; run from the root of the project."""
