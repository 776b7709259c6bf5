"""The store in two JSON files: what lies on disk, and how it is read, written and repaired."""
