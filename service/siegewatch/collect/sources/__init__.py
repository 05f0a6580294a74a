"""The kinds of source that ship with siegewatch, declared as plugins like any other."""
