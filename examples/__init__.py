"""Sites that show the library at work."""
