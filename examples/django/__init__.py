"""A small news site in Django, served by ASGI behind the consent layer."""
