"""Registers as files that leave the site, and as statements to print."""
