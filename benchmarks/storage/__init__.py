"""What is kept: records, documents, databases at full size, and keys."""
