"""Phase 2: items become events, events become story changes."""
