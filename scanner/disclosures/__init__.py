"""The record of footage given to law enforcement: read, checked rule by rule, and added up."""
