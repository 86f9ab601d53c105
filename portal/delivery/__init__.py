"""Handing the package over: fresh code, window, streamed download. Stage five."""
