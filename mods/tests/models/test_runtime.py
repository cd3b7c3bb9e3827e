"""Networks as hostile input: ONNX is a language, and its files can ask for others."""

from __future__ import annotations

import numpy as np
import pytest

from mods.errors import CorruptModelError
from mods.models.runtime import Network

onnx = pytest.importorskip("onnx", reason="ONNX files are forged with the package onnx")
helper = onnx.helper
FLOAT, ROWS = onnx.TensorProto.FLOAT, 3


def weights(location: str | None) -> onnx.TensorProto:
    """Four weights, in the file itself or in another."""
    inside = helper.make_tensor("w", FLOAT, [4], [1.0, 2.0, 3.0, 4.0])
    if location is None:
        return inside
    outside = onnx.TensorProto(name="w", data_type=FLOAT, dims=[4])
    outside.data_location = onnx.TensorProto.EXTERNAL
    for key, value in (("location", location), ("offset", "0"), ("length", "16")):
        outside.external_data.add(key=key, value=value)
    return outside


def network(tensor: onnx.TensorProto, *, constant: bool = False, inputs: int = 3) -> bytes:
    """A network that adds the weights, kept as an initializer or in a node, to its inputs."""
    names = ("past", "facts", "bases")[:inputs]
    taken = [helper.make_tensor_value_info(name, FLOAT, [None, 4]) for name in names]
    nodes = [helper.make_node("Constant", [], ["w"], value=tensor)] if constant else []
    # Through Identity, since what ONNX Runtime can compute beforehand it refuses by chance.
    nodes += [helper.make_node("Identity", ["w"], ["held"])]
    nodes += [helper.make_node("Sum", ["held", *names], ["y"])]
    answer = [helper.make_tensor_value_info("y", FLOAT, [None, 4])]
    graph = helper.make_graph(nodes, "network", taken, answer, [] if constant else [tensor])
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    return made.SerializeToString()


def test_network_with_its_weights_inside_answers():
    zeros = np.zeros((1, 4), dtype="float32")
    assert Network(network(weights(None))).paths(zeros, zeros, zeros).tolist() == [[1, 2, 3, 4]]


@pytest.mark.parametrize("constant", [False, True], ids=["initializer", "constant"])
@pytest.mark.parametrize("location", ["secret", "./secret", "../secret", "/etc/passwd", "no/such"])
def test_network_cannot_read_a_file_of_the_machine(location, constant, tmp_path, monkeypatch):
    place = tmp_path / "work"
    place.mkdir()
    for folder in (place, tmp_path):
        (folder / "secret").write_bytes(np.arange(4, dtype="float32").tobytes())
    monkeypatch.chdir(place)
    with pytest.raises(CorruptModelError, match="weights in another file"):
        Network(network(weights(location), constant=constant))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "cannot be loaded"),
        (b"\x08\x07network", "cannot be loaded"),
        (b"\xff" * 1000, "cannot be loaded"),
        (network(weights(None), inputs=2), "takes facts, past"),
        (network(weights(None)).replace(b"Identity", b"MyOwnOps"), "cannot be loaded"),
    ],
    ids=["empty", "cut", "noise", "inputs", "operator"],
)
def test_what_is_no_network_of_ours_is_refused_in_one_line(content, reason):
    with pytest.raises(CorruptModelError, match=reason) as caught:
        Network(content)
    assert "\n" not in str(caught.value)


def test_network_that_does_not_fit_its_inputs_is_refused():
    wide = np.zeros((ROWS, 5), dtype="float32")
    with pytest.raises(CorruptModelError, match="does not fit"):
        Network(network(weights(None))).paths(wide, wide, wide)


def test_network_that_asks_for_more_memory_than_there_is_is_refused():
    shape = helper.make_tensor("shape", onnx.TensorProto.INT64, [1], [1 << 52])
    names = ("past", "facts", "bases")
    nodes = [
        helper.make_node("ConstantOfShape", ["shape"], ["huge"]),
        helper.make_node("ReduceSum", ["huge"], ["w"]),
        helper.make_node("Sum", ["w", *names], ["y"]),
    ]
    taken = [helper.make_tensor_value_info(name, FLOAT, [None, 4]) for name in names]
    answer = [helper.make_tensor_value_info("y", FLOAT, [None, 4])]
    graph = helper.make_graph(nodes, "network", taken, answer, [shape])
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    rows = np.zeros((ROWS, 4), dtype="float32")
    with pytest.raises(CorruptModelError, match="cannot be loaded|does not fit"):
        Network(made.SerializeToString()).paths(rows, rows, rows)
