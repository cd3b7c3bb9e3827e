"""Models: fit, forecast, save, load and list them."""

import os

# Else ONNX Runtime reports to its makers, and keeps a file for that in the temporary folder.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
