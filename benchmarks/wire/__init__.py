"""What the layer costs a server on real sockets."""
