#!/usr/bin/env bash
# Sets up and runs all tests. Arguments go to cargo test.

set -euo pipefail
cd "$(dirname "$0")/.."

scripts/setup.sh --tests
# With the tests that need root: an SSH server and a Docker engine of their own.
cargo test --locked --workspace --features host-tests "$@"
