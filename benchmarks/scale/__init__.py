"""What very large sites need, computed from what was measured."""
