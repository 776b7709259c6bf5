"""What a register said when it was exported or locked: canonical, with a digest, so that a change is found."""
