"""Phase 3: story changes become alerts, alerts become deliveries."""
