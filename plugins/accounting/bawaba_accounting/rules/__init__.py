"""The laws of the books, the chain and the statistics; pure."""
