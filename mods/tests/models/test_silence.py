import os
import subprocess
import sys


def test_onnx_runtime_reports_to_nobody(tmp_path):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ORT_")}
    code = "import mods.models.runtime, os; print(os.environ['ORT_DISABLE_TELEMETRY'])"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**kept, "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "1\n"
    assert list(tmp_path.iterdir()) == []  # it begins with a session file there
