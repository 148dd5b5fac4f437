"""The accounting in GraphQL: types and resolvers."""
