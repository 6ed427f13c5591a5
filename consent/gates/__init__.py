"""Where something unconsented is stopped; each gate is pure: headers or markup in, the same out."""
