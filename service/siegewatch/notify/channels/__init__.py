"""The kinds of channel that ship with siegewatch, declared as plugins like any other."""
