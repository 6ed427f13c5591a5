"""Adapters for web frameworks and template languages: each knows its own, and none is imported unasked."""
