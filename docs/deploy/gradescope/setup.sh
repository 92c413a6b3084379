#!/usr/bin/env bash
# Gradescope runs this once, when the image of the assignment is built.
#
# The zip that you upload holds this file, `run_autograder`, a wheel of the grader (`pip wheel --no-deps .`), and the folders
# `specs` and `reference`. Compilers are needed only if students may hand in what has to be compiled.
set -euo pipefail

export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq python3 python3-venv bubblewrap util-linux

python3 -m venv /opt/grader
/opt/grader/bin/pip install --quiet /autograder/source/socket_grader-*.whl
/opt/grader/bin/grade doctor || true # for the log: which sandbox this container gives
