"""Students: the list, rosters, consent, and how a face is registered."""
