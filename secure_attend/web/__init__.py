"""HTTP in, HTTP out: who is calling, parse, call one service, serialise."""
