"""Who runs it: the command line, the service, the web."""
