"""Help for testing plugins: clients, a real server, fakes, clocks, databases."""
