"""The words of siegewatch: frozen shapes and pure rules, with no I/O, clock or third-party import."""
