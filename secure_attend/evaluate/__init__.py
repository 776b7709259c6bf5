"""Measuring how well a profile recognises people, on any folder of pictures: `python -m secure_attend.evaluate`."""
