"""What a process says over HTTP: that it lives, that it is fit, its metrics, and with the web role the API."""
