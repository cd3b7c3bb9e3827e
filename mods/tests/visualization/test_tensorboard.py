from __future__ import annotations

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from mods.errors import ResourceError
from mods.visualization import tensorboard


def test_tensorboard_reads_the_errors_of_every_epoch(tmp_path):
    tell = tensorboard.told(tmp_path / "logs")
    tell(1, {"loss": 0.5, "val_loss": 0.75})
    tell(2, {"loss": 0.25, "val_loss": 0.5})
    read = EventAccumulator(str(tmp_path / "logs"))
    read.Reload()
    for name, wanted in (("loss", [0.5, 0.25]), ("val_loss", [0.75, 0.5])):
        events = read.Tensors(f"error_over_persistence/{name}")
        values = [event.tensor_proto.float_val[0] for event in events]
        assert ([event.step for event in events], values) == ([1, 2], wanted)


def test_a_closed_folder_is_refused(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(ResourceError, match="cannot be written"):
        tensorboard.told(tmp_path / "file" / "logs")
