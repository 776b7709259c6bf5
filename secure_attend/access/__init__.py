"""Who may use this site: accounts with their tokens, kiosks with their keys, and limits on guessing."""
