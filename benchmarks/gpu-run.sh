#!/usr/bin/env bash
# Measures a GPU: run.sh [options of the measurement, see --help]; results go to $OUT, or ./results.
# Lies in a folder that gpu.sh made, with all that it needs but the driver and the CUDA 13 runtime.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
out="${OUT:-$PWD/results}"
work="${HEADRACE_WORK:-${TMPDIR:-/tmp}/headrace-gpu}"
mkdir -p "$out" "$work"
if [[ ! -e "$work/unpacked" || "$here/headrace-gpu.tar.xz" -nt "$work/unpacked" ]]; then
    # Small images often have no xz.
    if command -v xz >/dev/null; then
        tar -xJf "$here/headrace-gpu.tar.xz" -C "$work"
    elif command -v python3 >/dev/null; then
        python3 -c 'import sys, tarfile; tarfile.open(sys.argv[1], "r:xz").extractall(sys.argv[2])' \
            "$here/headrace-gpu.tar.xz" "$work"
    else
        echo "run.sh: neither xz nor python3 is here to unpack headrace-gpu.tar.xz; install one of them" >&2
        exit 1
    fi
    touch "$work/unpacked"
fi

# The CUDA 13 runtime is often not where the linker looks: in a toolkit's folder or in Python's.
for library in libcudart.so.13 libcublas.so.13 libcuda.so.1; do
    if ! ldconfig -p 2>/dev/null | grep -q "$library"; then
        found="$(find /usr/local /opt /usr/lib /root/.local -name "$library" 2>/dev/null | head -n 1 || true)"
        if [[ -n "$found" ]]; then
            export LD_LIBRARY_PATH="$(dirname "$found")${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
        fi
    fi
done
# Kernels that the driver compiles for this GPU stay for the next run on this machine.
export CUDA_CACHE_MAXSIZE=4294967296

nvidia-smi --query-gpu=index,name,driver_version,memory.total --format=csv 2>/dev/null | tee "$out/gpu.csv" || true
mkdir -p "$work/home"
"$work/runtime/bin/java" -Xmx4g -XX:+UseSerialGC -Duser.home="$work/home" -Djava.io.tmpdir="$work" \
    -cp "$work/classes:$work/lib/*" io.headrace.benchmarks.gpu.GpuBenchmark \
    --home "$work" --work "$work/models" --out "$out" "$@"
