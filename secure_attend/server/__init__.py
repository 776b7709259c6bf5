"""HTTP in front of the application: connections, bodies and answers, each within bounds that no client can stretch."""
