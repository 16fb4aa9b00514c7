"""OFFLINE: a practice model that speaks the Messages API without a key or network."""
