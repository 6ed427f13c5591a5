"""What the layer costs an ASGI app, measured in one process beside other middleware."""
