#!/bin/sh
# Take out of a folder of installed packages what nothing that runs reads: their tests, what only a
# compiler reads, and the library of a compiler that TensorFlow asks for and never loads.
#   docker/lean.sh /srv/venv/lib/python3.11/site-packages
set -eu
cd "$1"
# NumPy's and TensorFlow's own modules import from theirs; CUDA's headers stay with its compiler.
find . \( -path ./numpy -o -path ./tensorflow -o -path ./nvidia \) -prune \
    -o -type d -name tests -prune -exec rm -rf {} +
find . -path ./nvidia -prune -o -type f \( -name '*.a' -o -name '*.c' -o -name '*.cc' -o -name '*.cpp' \
    -o -name '*.h' -o -name '*.hpp' -o -name '*.pxd' -o -name '*.pyx' \) -exec rm -f {} +
rm -rf clang onnx/backend/test tensorflow/include
