"""A site that uses other people's services, each declared by its name alone."""
