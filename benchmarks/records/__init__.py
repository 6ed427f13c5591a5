"""What it costs to keep evidence durably."""
