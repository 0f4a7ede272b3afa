"""Models that any domain may use: one file each, the kernel and the standard library only."""
