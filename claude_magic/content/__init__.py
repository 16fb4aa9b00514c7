"""WHAT FLOWS: blocks, messages, turns, conversations and the fold. Values; standard library only."""
