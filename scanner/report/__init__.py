"""One writer a format; all read the run alone."""
