"""The shared transaction accounting of the gateway."""
