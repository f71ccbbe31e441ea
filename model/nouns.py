"""Things that people make and words for how they are, out of WordNet, as the products of training messages.

Of Debian's package `wordnet-base` (WordNet 3.0, Princeton University): artefacts under a few roots, of one to three words,
and adjectives. The files are read where they are installed; none of them stands in this repository.
"""
import functools
import pathlib
import re

FOLDER = pathlib.Path("/usr/share/wordnet")
# Synsets by their offset in the file: instrumentality, commodity, decoration, furnishing, covering; less weapons, weaponry.
ROOTS = ["03575240", "03076708", "03169390", "03405265", "03122748"]
LESS = ["04565375", "04566257"]
ARTIFACT = "06"  # the lexicographer's file noun.artifact, see lexnames(5WN)


def heads(name):
    """The fields of each synset before its gloss, in the format of wndb(5WN)."""
    path = FOLDER / name
    if not path.exists():
        raise SystemExit(f"{path} is missing: the training takes products from WordNet; install Debian's wordnet-base.")
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.startswith("  "):  # the licence
            yield line.split("|")[0].split()


@functools.cache
def artefacts():
    """All names, sorted."""
    words, narrower = {}, {}
    for head in heads("data.noun"):
        count = int(head[3], 16)
        pointers = head[5 + 2 * count:]
        words[head[0]] = head[4:4 + 2 * count:2] if head[1] == ARTIFACT else []
        narrower[head[0]] = [pointers[i + 1] for i in range(0, len(pointers), 4) if pointers[i] == "~"]

    def below(roots):
        found, left = set(), list(roots)
        while left:
            if (synset := left.pop()) not in found:
                found.add(synset)
                left += narrower[synset]
        return found

    return sorted({word.replace("_", " ") for synset in below(ROOTS) - below(LESS) for word in words[synset][:2]
                   if re.fullmatch(r"[a-z]+([_-][a-z]+){0,2}", word) and 3 <= len(word) <= 22})


@functools.cache
def any_nouns():
    """All nouns of one word, things or not, sorted."""
    return sorted({word for head in heads("data.noun") for word in head[4:4 + 2 * int(head[3], 16):2]
                   if re.fullmatch(r"[a-z]{3,11}", word)})


@functools.cache
def adjectives():
    """All of one short word, sorted."""
    return sorted({word for head in heads("data.adj") for word in head[4:4 + 2 * int(head[3], 16):2]
                   if re.fullmatch(r"[a-z]{3,12}", word)})


def without(held_out, words):
    """The words in which no held-out one occurs, in the singular or the plural."""
    stems = [word.removesuffix("s") for word in held_out]
    return [word for word in words if not any(stem in word for stem in stems)]
