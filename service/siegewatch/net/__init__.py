"""The one door out: every outgoing request passes here."""
