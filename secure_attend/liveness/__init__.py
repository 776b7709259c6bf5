"""Pure judgement of liveness: measurements of frames in, a verdict out. No images, no network, no clock of its own."""
