"""KEPT: conversations in one SQLite file, and the bytes of what was attached once each."""
