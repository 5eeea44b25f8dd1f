"""The page on which a person checks every redaction before it is released; served to this machine only."""
