"""Traffic fines: look them up, pay them, object to them."""
