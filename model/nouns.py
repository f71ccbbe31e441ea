"""Things that people make, out of WordNet, as the products of training messages.

The names of Debian's package `wordnet-base` (WordNet 3.0, Princeton University): artefacts under a few roots, of one to
three words. The file is read where it is installed; none of it stands in this repository.
"""
import functools
import pathlib
import re

DATA = pathlib.Path("/usr/share/wordnet/data.noun")
# Synsets by their offset in the file: instrumentality, commodity, decoration, furnishing, covering; less weapons, weaponry.
ROOTS = ["03575240", "03076708", "03169390", "03405265", "03122748"]
LESS = ["04565375", "04566257"]
ARTIFACT = "06"  # the lexicographer's file noun.artifact, see lexnames(5WN)


@functools.cache
def artefacts():
    """All names, sorted. The format of the file is that of wndb(5WN)."""
    if not DATA.exists():
        raise SystemExit(f"{DATA} is missing: the training takes products from WordNet; install Debian's wordnet-base.")
    words, narrower = {}, {}
    for line in DATA.read_text(encoding="utf-8").splitlines():
        if line.startswith("  "):
            continue  # the licence
        head = line.split("|")[0].split()
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


def without(held_out):
    """The names in which no held-out word occurs, in the singular or the plural."""
    stems = [word.removesuffix("s") for word in held_out]
    return [name for name in artefacts() if not any(stem in name for stem in stems)]
