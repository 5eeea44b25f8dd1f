"""Source code, by its syntax: a byte filter over every file, a parse of only those that it hits."""
