"""What is kept about whom, why and until when: found in the code, so that it cannot be forgotten in the papers."""
