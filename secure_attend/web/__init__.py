"""HTTP in, HTTP out: check the caller, parse, call one service, serialise."""
