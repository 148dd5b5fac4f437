"""HTTP and WebSocket: the front door."""
