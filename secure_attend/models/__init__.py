"""The model files of this installation: what is there, getting what is missing, and bringing it by hand."""
