#!/usr/bin/env bash
# Builds the last commit twice, in folders, time zones, languages and users' homes that differ, and compares every jar that
# a release ships, byte by byte.
#   deploy/reproducible.sh [options for Maven, for instance -P gpu]
#   deploy/reproducible.sh --compare FOLDER FOLDER      only compares two copies that are built
# Maven's and npm's downloads are those of this machine. A build takes minutes.
set -euo pipefail
home="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

shipped() { (cd "$1" && find . -path '*/target/headrace-*.jar' -not -path '*/target/*/*' -not -name '*-tests.jar' | sort); }

# Which entries differ; none, if only their order, their times or their compression do.
explain() {
    local side
    for side in 1 2; do
        mkdir -p "$work/entries/$side"
        (cd "$work/entries/$side" && "${JAVA_HOME:+$JAVA_HOME/bin/}jar" --extract --file "${!side}")
    done
    diff --recursive --brief "$work/entries/1" "$work/entries/2" || true
    rm -rf "$work/entries"
}

compare() {
    local jar different=0
    if ! diff <(shipped "$1") <(shipped "$2"); then
        echo "the two builds do not make the same jars" >&2
        return 1
    fi
    while IFS= read -r jar; do
        if cmp --silent "$1/$jar" "$2/$jar"; then
            echo "$(sha256sum "$1/$jar" | cut -c 1-64)  $jar"
        else
            echo "DIFFERENT  $jar"
            explain "$(realpath "$1/$jar")" "$(realpath "$2/$jar")"
            different=$((different + 1))
        fi
    done < <(shipped "$1")
    echo "$(shipped "$1" | wc -l) jars, $different different"
    [[ "$different" == 0 && -n "$(shipped "$1")" ]]
}

if [[ "${1:-}" == --compare ]]; then
    compare "${2:?name two folders}" "${3:?name two folders}"
    exit
fi

repository="${MAVEN_REPOSITORY:-$HOME/.m2/repository}"
cache="$(npm config get cache)"
build() {
    local folder="$1" zone="$2" language="$3"
    local user="$work/user-${language%%.*}" # without spaces, at which mvn divides MAVEN_OPTS
    shift 3
    mkdir -p "$folder/copy" "$user"
    git -C "$home" archive HEAD | tar -x -C "$folder/copy"
    (
        cd "$folder/copy"
        umask 022 # Maven writes the modes of files into jars
        HOME="$user" MAVEN_OPTS="-Duser.home=$user -Duser.language=${language%%_*}" npm_config_cache="$cache" TZ="$zone" LC_ALL="$language" \
            mvn -B -q -Dmaven.repo.local="$repository" -DskipTests -Dspotless.check.skip "$@" package </dev/null
    )
}
build "$work/one" UTC C "$@"
build "$work/a folder with another name" Pacific/Auckland tr_TR.UTF-8 "$@"
compare "$work/one/copy" "$work/a folder with another name/copy"
