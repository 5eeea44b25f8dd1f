"""Dependencies: manifests, lock files, install commands and bills of materials, as package URLs."""
