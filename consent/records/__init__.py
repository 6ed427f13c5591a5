"""The evidence of decisions: what a record is, and where records are kept."""
