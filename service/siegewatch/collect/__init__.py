"""Phase 1: feeds become items."""
