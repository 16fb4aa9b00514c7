"""WHAT FLOWS: blocks, messages, turns and the fold. Values; standard library only."""
