"""How many instructions a request takes: figures that do not depend on what else the machine does."""
