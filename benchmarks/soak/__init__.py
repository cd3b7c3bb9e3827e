"""`mods serve` asked and made to train for half an hour: does anything grow?"""
