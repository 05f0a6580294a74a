"""The roles of a process: each keeps one phase going until it is told to stop."""
