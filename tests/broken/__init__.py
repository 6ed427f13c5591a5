"""The example paper, whole and in six deliberately broken copies, as apps to find faults in."""
