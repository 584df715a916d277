"""The REST side: one file a subject, each with its routes."""
