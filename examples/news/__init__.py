"""The Ostermere Courier: a newspaper that does not exist, in front of a consent layer that does."""
