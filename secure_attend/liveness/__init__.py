"""The pure judgement of liveness: measurements of frames in, a verdict out. It has no images, network or clock."""
