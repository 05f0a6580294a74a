"""The ledger for other programs: JSON, CSV, GeoJSON, Atom."""
