"""Features: the catalogue, panes and windows, and the datapool that keeps them."""
