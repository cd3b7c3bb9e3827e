"""The flows: prepare, train, predict, backtest, detect, demo. The only glue between the rooms."""
