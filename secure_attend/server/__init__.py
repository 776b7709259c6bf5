"""How the program runs: start, listen, serve over HTTP or HTTPS, and speak to the terminal."""
