"""The GraphQL face of payments, one file a noun."""
