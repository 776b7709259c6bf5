"""From a face to its embedding: alignment and recognisers."""
