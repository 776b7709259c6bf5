"""The API, a file a resource: parse, call one service, serialise."""
