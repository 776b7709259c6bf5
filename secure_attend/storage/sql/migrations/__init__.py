"""The database's schema, step by step; `secure_attend.storage.sql.database` applies what is missing at each start."""
