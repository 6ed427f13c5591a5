"""Everything that the pages show, measured in one go."""
