"""The parts of the DEEPaaS door: fields, answers, errors, workers, and mends of the framework."""
