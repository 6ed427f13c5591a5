"""How the layer's cost grows with a site."""
