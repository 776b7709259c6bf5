"""The networks: which ones a profile uses, where their files come from, and what runs them."""
