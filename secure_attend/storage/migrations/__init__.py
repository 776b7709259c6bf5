"""The database's schema, step by step; `secure_attend.storage.sql_database` applies what is missing at each start."""
