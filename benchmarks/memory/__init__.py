"""What the layer keeps in memory."""
