"""The demo: invented students, three courses and a term of their attendance in a temporary folder."""
