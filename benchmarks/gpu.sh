#!/usr/bin/env bash
# Measures a GPU. On a machine with JDK, Maven and npm:
#   benchmarks/gpu.sh [options of the measurement]      builds and runs here
#   benchmarks/gpu.sh bundle FOLDER [architecture]      makes FOLDER to carry to a machine without them;
#                                                       there FOLDER/run.sh [options] does everything
# The architecture is that of the GPU it is for, 90 by default (H100, H200); 'all' leaves all code in.
set -euo pipefail
home="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
java="${JAVA_HOME:+$JAVA_HOME/bin/}"

if [[ -z "${HEADRACE_BUILT:-}" ]]; then
    (cd "$home" && mvn -B -q -P gpu -DskipTests -Dspotless.check.skip package \
        -pl benchmarks,inference/natives-cuda,inference/natives-vulkan -am)
fi
target="$home/benchmarks/target"
cuda="$home/inference/natives-cuda/target/classes"

if [[ "${1:-}" != bundle ]]; then
    vulkan="$home/inference/natives-vulkan/target/classes"
    exec "${java}java" -Xmx4g -XX:+UseSerialGC \
        -cp "$target/classes:$cuda:$vulkan:$target/lib/*" io.headrace.benchmarks.gpu.GpuBenchmark \
        --home "$home" --work "${TMPDIR:-/tmp}/headrace-gpu-models" --out "${OUT:-$PWD/results}" "$@"
fi

folder="${2:?name the folder to make}"
architecture="${3:-90}"
mkdir -p "$folder"
folder="$(cd "$folder" && pwd)"
stage="$(mktemp -d)"
trap 'rm -rf "$stage"' EXIT
"${java}jlink" --output "$stage/runtime" --strip-debug --no-header-files --no-man-pages --add-modules \
    java.base,java.desktop,java.logging,java.management,java.naming,java.sql,java.xml,jdk.management,jdk.unsupported

mkdir -p "$stage/lib" "$stage/classes" "$stage/model"
# What the measurement needs of all that a job needs.
for jar in headrace-inference headrace-operators headrace-schemas headrace-jobs jna jinjava guava failureaccess \
    commons-lang3 commons-net re2j jsoup javassist big-math algebra hubspot-style immutable java-ipv6 itu jackson snakeyaml avro slf4j-api log4j picocli flink-core \
    flink-annotations flink-streaming-java flink-metrics-core flink-avro classgraph; do
    find "$target/lib" -name "$jar*.jar" -exec cp {} "$stage/lib" \;
done
# What is not compressed twice compresses better, above all the libraries for many kinds of processors.
"${java}java" "$home/benchmarks/src/build/java/StoreJars.java" "$stage/lib"
cp -r "$target/classes/." "$stage/classes"
cp -r "$home/examples" "$stage/examples"
cp "$home/model/headrace-small.gguf" "$home/model/messages-heldout.jsonl" "$stage/model"
if [[ "$architecture" == all ]]; then
    cp -r "$cuda/io" "$stage/classes"
else
    "${java}java" -cp "$target/classes" io.headrace.benchmarks.gpu.FatBinaries \
        "$cuda/io/headrace/natives/linux-x64-cuda13/libggml-cuda.so" "$stage/classes" linux-x64-cuda13 "$architecture"
fi
tar -cf - -C "$stage" . | xz -T1 -9 >"$folder/headrace-gpu.tar.xz"
cp "$home/benchmarks/gpu-run.sh" "$folder/run.sh"
chmod +x "$folder/run.sh"
du -sh "$folder" >&2
