"""Models: fit, forecast, save, load and list them."""
