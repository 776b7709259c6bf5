"""What each limit of liveness separates, read on today's landmarks: `python -m benchmarks.liveness.limit_readings`."""
