"""Makes the samples; see make.py."""
