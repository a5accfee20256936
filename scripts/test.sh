#!/usr/bin/env bash
# Sets up and runs all tests. Arguments go to cargo test.

set -euo pipefail
cd "$(dirname "$0")/.."

scripts/setup.sh --tests
cargo test --locked "$@"
