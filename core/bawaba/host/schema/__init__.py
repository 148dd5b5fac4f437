"""One GraphQL schema, composed of core's part and every plugin's."""
