"""The store in a database, PostgreSQL or SQLite."""
