"""How well a profile tells people apart, on anybody's folder of pictures: `python -m secure_attend.evaluate`."""
