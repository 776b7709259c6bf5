"""Routes of courses: their members, staff, meetings, rules and registers."""
