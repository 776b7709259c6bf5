"""Commands for a store: copy, back up, restore, verify, and manage its key."""
